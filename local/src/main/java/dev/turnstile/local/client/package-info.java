/** The HTTP client of crowds and loads: many connections, one thread, little time for each request. */
@NullMarked
package dev.turnstile.local.client;

import org.jspecify.annotations.NullMarked;

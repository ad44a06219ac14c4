@NullMarked
package dev.turnstile.local.server;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.api.http;

import org.jspecify.annotations.NullMarked;

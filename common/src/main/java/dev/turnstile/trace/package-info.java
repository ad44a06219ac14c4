@NullMarked
package dev.turnstile.trace;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.redlock;

import org.jspecify.annotations.NullMarked;

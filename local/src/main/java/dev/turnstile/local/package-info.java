@NullMarked
package dev.turnstile.local;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.line;

import org.jspecify.annotations.NullMarked;

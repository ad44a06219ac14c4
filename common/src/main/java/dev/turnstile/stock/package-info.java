@NullMarked
package dev.turnstile.stock;

import org.jspecify.annotations.NullMarked;

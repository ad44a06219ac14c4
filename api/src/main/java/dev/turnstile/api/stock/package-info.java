@NullMarked
package dev.turnstile.api.stock;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.order;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.api.order;

import org.jspecify.annotations.NullMarked;

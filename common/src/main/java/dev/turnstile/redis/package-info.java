@NullMarked
package dev.turnstile.redis;

import org.jspecify.annotations.NullMarked;

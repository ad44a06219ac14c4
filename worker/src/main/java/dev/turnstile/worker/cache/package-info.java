@NullMarked
package dev.turnstile.worker.cache;

import org.jspecify.annotations.NullMarked;

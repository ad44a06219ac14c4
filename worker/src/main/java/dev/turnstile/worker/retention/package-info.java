@NullMarked
package dev.turnstile.worker.retention;

import org.jspecify.annotations.NullMarked;

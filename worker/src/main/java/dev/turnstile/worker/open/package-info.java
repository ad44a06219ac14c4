@NullMarked
package dev.turnstile.worker.open;

import org.jspecify.annotations.NullMarked;

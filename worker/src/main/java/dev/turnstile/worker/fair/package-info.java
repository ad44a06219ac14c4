@NullMarked
package dev.turnstile.worker.fair;

import org.jspecify.annotations.NullMarked;

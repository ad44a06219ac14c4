@NullMarked
package dev.turnstile.worker.distributed;

import org.jspecify.annotations.NullMarked;

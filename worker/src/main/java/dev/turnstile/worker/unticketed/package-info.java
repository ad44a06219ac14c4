@NullMarked
package dev.turnstile.worker.unticketed;

import org.jspecify.annotations.NullMarked;

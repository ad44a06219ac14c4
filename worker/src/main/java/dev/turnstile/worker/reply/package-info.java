@NullMarked
package dev.turnstile.worker.reply;

import org.jspecify.annotations.NullMarked;

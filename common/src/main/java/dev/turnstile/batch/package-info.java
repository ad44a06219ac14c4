/** Asynchronous calls: those that go together, and what made one fail. */
@NullMarked
package dev.turnstile.batch;

import org.jspecify.annotations.NullMarked;

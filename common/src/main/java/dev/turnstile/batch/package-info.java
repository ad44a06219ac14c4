/** Calls that go together. */
@NullMarked
package dev.turnstile.batch;

import org.jspecify.annotations.NullMarked;

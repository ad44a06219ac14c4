/**
 * Requests that nobody should send, to see what becomes of them. Without any dependency, for the tests of all modules.
 */
@NullMarked
package dev.turnstile.fuzz;

import org.jspecify.annotations.NullMarked;

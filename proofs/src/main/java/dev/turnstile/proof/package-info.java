/** Tests that show more when they are given time; used by the tests of all modules. */
@NullMarked
package dev.turnstile.proof;

import org.jspecify.annotations.NullMarked;

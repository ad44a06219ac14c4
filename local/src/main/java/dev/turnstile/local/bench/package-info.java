/** The benchmark: what is compared, under which load, and what came of it. */
@NullMarked
package dev.turnstile.local.bench;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.api.problem;

import org.jspecify.annotations.NullMarked;

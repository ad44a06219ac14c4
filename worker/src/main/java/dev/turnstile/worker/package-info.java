@NullMarked
package dev.turnstile.worker;

import org.jspecify.annotations.NullMarked;

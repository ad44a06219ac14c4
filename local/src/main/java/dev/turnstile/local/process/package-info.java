@NullMarked
package dev.turnstile.local.process;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.startup;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.local.system;

import org.jspecify.annotations.NullMarked;

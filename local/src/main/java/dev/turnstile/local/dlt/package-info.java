@NullMarked
package dev.turnstile.local.dlt;

import org.jspecify.annotations.NullMarked;

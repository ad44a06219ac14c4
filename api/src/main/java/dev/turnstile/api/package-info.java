@NullMarked
package dev.turnstile.api;

import org.jspecify.annotations.NullMarked;

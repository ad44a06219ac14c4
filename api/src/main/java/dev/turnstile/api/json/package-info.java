@NullMarked
package dev.turnstile.api.json;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.api.openapi;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.turnstile.local.project;

import org.jspecify.annotations.NullMarked;

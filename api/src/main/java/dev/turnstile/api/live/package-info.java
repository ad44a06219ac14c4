/** The live page: the whole system at a glance, for people. */
@NullMarked
package dev.turnstile.api.live;

import org.jspecify.annotations.NullMarked;

/**
 * Sales under faults, from a seed, and an oracle that judges them by what clients saw and what the servers hold. It
 * trusts nothing that the system says of itself.
 */
@NullMarked
package dev.turnstile.local.chaos;

import org.jspecify.annotations.NullMarked;

package dev.turnstile.local.chaos;

import dev.turnstile.local.fault.Fault.Kind;

/**
 * A fault that struck.
 *
 * @param atMs when, after the start
 * @param healedMs when it was healed, or had passed
 */
record InjectedFault(long atMs, long healedMs, Kind kind, String victim) {

    @Override
    public String toString() {
        return "%s %s at %.1f s".formatted(kind, victim, atMs / 1000.0);
    }
}

package dev.turnstile.local.chaos;

import dev.turnstile.local.fault.Fault;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a run of chaos is made from: the same plan gives the same requests and the same faults at the same times. What
 * the system makes of them differs from run to run.
 *
 * @param seed of everything that is left to chance
 * @param duration how long orders are sent and faults strike; a quiet time follows
 * @param ordersPerSecond how many orders are sent on average
 * @param kinds which kinds of faults strike
 */
public record ChaosPlan(long seed, Duration duration, int ordersPerSecond, Set<Fault.Kind> kinds) {

    /**
     * Copies the kinds.
     *
     * @throws IllegalArgumentException if it makes no sense, with the name of what is wrong
     */
    public ChaosPlan {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("minutes must be more than 0");
        }
        if (ordersPerSecond < 1) {
            throw new IllegalArgumentException("rate must be 1 or more, was " + ordersPerSecond);
        }
        kinds = kinds.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(kinds));
    }
}

package dev.turnstile.local.replay;

import org.jspecify.annotations.Nullable;

/**
 * When each order is due, counted from the first one: at its recorded distance divided by the speed, and no more of
 * them per second than allowed. Computed from the start and not from the last sending, so that lateness does not
 * accumulate: after a stall the orders that are overdue follow at once.
 */
final class Pace {

    private final Speed speed;
    private final double gapNanos;
    private @Nullable Long firstMs;
    private double dueNanos = Double.NEGATIVE_INFINITY;

    Pace(Speed speed, @Nullable Double maxRate) {
        this.speed = speed;
        this.gapNanos = maxRate == null ? 0 : 1e9 / maxRate;
    }

    /**
     * When the next order is due.
     *
     * @param timestampMs when it was recorded; earlier than the one before it counts as at the same time
     * @return nanoseconds after the first order; never less than for the order before
     */
    long nextNanos(long timestampMs) {
        Long first = firstMs;
        if (first == null) {
            first = timestampMs;
            firstMs = timestampMs;
        }
        double recorded = (timestampMs - first) * 1e6 / speed.factor();
        dueNanos = Math.max(recorded, dueNanos + gapNanos);
        dueNanos = Math.max(dueNanos, 0);
        return Math.round(dueNanos);
    }
}

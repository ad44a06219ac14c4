package dev.turnstile.line;

import java.time.Duration;

/**
 * How long orders gather between two draws: the more come, the longer, as a draw for one costs Redis and its client
 * half of what one for ten costs. Two microseconds per order and second, at most 4 ms, and nothing at low rates, so
 * that no order draws later than one that arrives later at another instance. Used by one thread at a time.
 */
final class DrawBatching {

    private static final double OVER = Duration.ofMillis(50).toNanos();
    private static final double NANOS_FOR_EACH = 40_000;
    private static final long SHORTEST_NANOS = 200_000;
    private static final long LONGEST = Duration.ofMillis(4).toNanos();

    private double lately;
    private long at;

    /**
     * Begins without any order.
     *
     * @param now the time, by {@link System#nanoTime()}
     */
    DrawBatching(long now) {
        this.at = now;
    }

    /**
     * Notes a draw, and returns how long the next one should wait.
     *
     * @param drawn orders it was for
     * @return nanoseconds, or 0
     */
    long pause(long now, int drawn) {
        lately = lately * Math.exp((at - now) / OVER) + drawn;
        at = now;
        long pause = Math.min(LONGEST, (long) (NANOS_FOR_EACH * lately));
        return pause < SHORTEST_NANOS ? 0 : pause;
    }
}

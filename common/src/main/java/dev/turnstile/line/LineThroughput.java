package dev.turnstile.line;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The throughput of the line, from snapshots of its counters, and what follows: how long an order will wait, and for
 * how many there is room so that none waits too long.
 *
 * <p>Only times count in which the line was never empty: what leaves an idle line says how many come, not how many
 * could leave. Until a second of such times is known a pace is assumed, as if a line of that pace had been watched for
 * a moment before. Safe for use by any thread.
 */
public final class LineThroughput {

    /** What the pace is believed to be before anything is known, in orders per second. */
    static final double ASSUMED = 2000;

    /** For how long that assumption counts as watched. */
    static final Duration ASSUMED_FOR = Duration.ofMillis(250);

    /** With so much busy time seen, nothing is assumed any more. */
    static final Duration KNOWN_AFTER = Duration.ofSeconds(1);

    /** The busy time that is looked back on. */
    static final Duration WINDOW = Duration.ofSeconds(5);

    /** Older snapshots are ignored. */
    static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);

    /** The longest wait that is reported. */
    static final Duration LONGEST_ESTIMATE = Duration.ofHours(1);

    /** With so many waiting at its beginning, a time counts as busy even if few left. */
    private static final int LONG_LINE = 100;

    private final LongSupplier nanoTime;

    // guarded by this
    private final Deque<Busy> window = new ArrayDeque<>();
    private @Nullable LineCounters last;
    private long lastAt;

    private record Busy(long at, long nanos, long left) {}

    /**
     * Makes a pace of which nothing is known.
     *
     * @param nanoTime a clock that never goes back
     */
    public LineThroughput(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes a snapshot of the line's counters, a few times per second. */
    public synchronized void seen(LineCounters traffic) {
        long now = nanoTime.getAsLong();
        LineCounters before = last;
        if (before != null && before.epoch() == traffic.epoch()) {
            count(now, now - lastAt, traffic.left() - before.left(), before.waiting());
        }
        last = traffic;
        lastAt = now;
    }

    private void count(long now, long nanos, long left, long waited) {
        if (nanos <= 0 || left < 0) {
            return;
        }
        boolean stoodStill = left == 0 && waited > 0;
        boolean busy = waited >= LONG_LINE && waited >= left;
        boolean faster = left * 1e9 / nanos > perSecond(now);
        if (stoodStill || busy || faster) {
            window.add(new Busy(now, nanos, left));
        }
        long total = window.stream().mapToLong(Busy::nanos).sum();
        while (window.size() > 1 && total - window.element().nanos() >= WINDOW.toNanos()) {
            total -= window.remove().nanos();
        }
    }

    private double perSecond(long now) {
        while (!window.isEmpty() && now - window.element().at() > FORGOTTEN_AFTER.toNanos()) {
            window.remove();
        }
        double seconds = 0;
        double left = 0;
        for (Busy busy : window) {
            seconds += busy.nanos() / 1e9;
            left += busy.left();
        }
        if (seconds < KNOWN_AFTER.toNanos() / 1e9) {
            double assumed = ASSUMED_FOR.toNanos() / 1e9;
            return (left + ASSUMED * assumed) / (seconds + assumed);
        }
        return left / seconds;
    }

    /** Orders that leave the line in a second while it is not empty. */
    public synchronized double perSecond() {
        return perSecond(nanoTime.getAsLong());
    }

    /** How many orders may be in the line so that the last of them waits no longer than this. */
    public int room(Duration longestWait) {
        return (int) Math.min(Integer.MAX_VALUE, perSecond() * longestWait.toNanos() / 1e9);
    }

    /**
     * How long until an order is decided, if the line goes on as it does and every queue gets its share of that.
     *
     * @return empty as long as the line has not been looked at, and where it hardly moves: beyond {@link
     *     #LONGEST_ESTIMATE} nothing is known
     */
    public synchronized Optional<Duration> wait(QueuePosition place) {
        LineCounters seen = last;
        if (seen == null) {
            return Optional.empty();
        }
        double share = Math.min(1.0, (double) place.queue() / Math.max(seen.waiting(), place.queue()));
        return wait(place.ahead() + 1, perSecond() * share);
    }

    /** How long an order that arrives now waits behind all orders in the line; empty if unknown. */
    public Optional<Duration> waitBehind(long waiting) {
        return wait(waiting + 1, perSecond());
    }

    private static Optional<Duration> wait(long orders, double perSecond) {
        double millis = 1000.0 * orders / perSecond;
        return millis <= LONGEST_ESTIMATE.toMillis() // false for what is no number
                ? Optional.of(Duration.ofMillis(Math.round(millis)))
                : Optional.empty();
    }
}

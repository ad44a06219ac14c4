package dev.turnstile.local.fault;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The transport of bytes in one direction through a proxy. All connections share it, so the throttle applies to the
 * wire and not to each of them. Used on the proxy's event loop alone.
 */
final class Lane {

    /** Throttled bytes go in pieces of this many parts of a second, so that they flow and don't gush. */
    private static final int PIECES_PER_SECOND = 50;

    private final RandomGenerator random;
    private long delayNanos;
    private long jitterNanos;
    private long bytesPerSecond;
    private long freeAtNanos;
    private boolean swallowing;

    Lane(RandomGenerator random) {
        this.random = random;
    }

    void clear() {
        delayNanos = 0;
        jitterNanos = 0;
        bytesPerSecond = 0;
        swallowing = false;
    }

    void delay(Duration delay, Duration jitter) {
        delayNanos = delay.toNanos();
        jitterNanos = jitter.toNanos();
    }

    void throttle(long limit) {
        bytesPerSecond = limit;
        freeAtNanos = System.nanoTime();
    }

    void swallow() {
        swallowing = true;
    }

    boolean isSwallowing() {
        return swallowing;
    }

    /** How long the bytes that come in now are on their way. */
    long nextDelayNanos() {
        long jitter = jitterNanos == 0 ? 0 : random.nextLong(-jitterNanos, jitterNanos + 1);
        return Math.max(0, delayNanos + jitter);
    }

    /** How many bytes may go at once. */
    int pieceBytes() {
        return bytesPerSecond == 0
                ? Integer.MAX_VALUE
                : (int) Math.min(Math.max(bytesPerSecond / PIECES_PER_SECOND, 1), Integer.MAX_VALUE);
    }

    /** How long the wire is busy with what went before; not positive if it is free. */
    long busyNanos(long now) {
        return bytesPerSecond == 0 ? 0 : freeAtNanos - now;
    }

    /** Notes that bytes go onto the wire now. */
    void carry(int bytes, long now) {
        if (bytesPerSecond > 0) {
            long begin = freeAtNanos - now > 0 ? freeAtNanos : now;
            freeAtNanos = begin + bytes * 1_000_000_000L / bytesPerSecond;
        }
    }
}

package dev.turnstile.worker.distributed;

import dev.turnstile.stock.Ledger;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Reports when the ledger last stalled: answered nothing for {@link #LONGEST_BEAT}, or failed. A holder of a lock then
 * can't decide and does not release it, so that the rivals wait for the ledger and not for the holder. Safe for use by
 * any thread.
 */
final class LedgerPulse {

    /** A later answer counts as none. Also the shortest time between two optional questions. */
    static final Duration LONGEST_BEAT = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final LongSupplier nanoTime;

    // Guarded by this.
    private boolean stoodStill;
    private long lastStill;
    private long lastAsked;

    LedgerPulse(Ledger ledger, LongSupplier nanoTime) {
        this.ledger = ledger;
        this.nanoTime = nanoTime;
        this.lastAsked = nanoTime.getAsLong();
    }

    /** Notes a call of the ledger that has just ended. */
    synchronized void answered(long begun, boolean failed) {
        long now = nanoTime.getAsLong();
        if (failed || now - begun > LONGEST_BEAT.toNanos()) {
            stoodStill = true;
            lastStill = now;
        }
    }

    /** Whether the ledger stood still at some time after this one. */
    synchronized boolean stoodStillSince(long time) {
        return stoodStill && lastStill - time > 0;
    }

    /** Makes the ledger write something. Blocks while it stalls. */
    void ask() {
        long begun = nanoTime.getAsLong();
        boolean failed = true;
        try {
            ledger.beat();
            failed = false;
        } finally {
            answered(begun, failed);
        }
    }

    /** Makes the ledger write something, unless that was done a moment ago. */
    void askNowAndThen() {
        synchronized (this) {
            long now = nanoTime.getAsLong();
            if (now - lastAsked < LONGEST_BEAT.toNanos()) {
                return;
            }
            lastAsked = now;
        }
        ask();
    }
}

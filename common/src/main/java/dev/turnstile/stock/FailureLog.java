package dev.turnstile.stock;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * Logs failures that come again and again: the first at once, then one line a minute with how many there were, and
 * their end. Safe for use by any thread.
 */
public final class FailureLog {

    static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Logger log;
    private final String what;
    private final LongSupplier nanoTime;

    private volatile boolean failing;

    // Guarded by this.
    private boolean told;
    private boolean endUntold;
    private long toldAt;
    private long untold;

    /**
     * Makes a log.
     *
     * @param log where the lines go
     * @param what fails, as the beginning of a line
     */
    public FailureLog(Logger log, String what) {
        this(log, what, System::nanoTime);
    }

    FailureLog(Logger log, String what, LongSupplier nanoTime) {
        this.log = log;
        this.what = what;
        this.nanoTime = nanoTime;
    }

    /** Notes a failure. */
    public synchronized void failed(String why) {
        long now = nanoTime.getAsLong();
        untold++;
        failing = true;
        if (told && now - toldAt < INTERVAL.toNanos()) {
            return;
        }
        if (untold == 1) {
            log.warn("{}: {}", what, why);
        } else {
            log.warn("{}: {} ({} times since the last such line)", what, why, untold);
        }
        told = true;
        endUntold = true;
        toldAt = now;
        untold = 0;
    }

    /** Notes a success. */
    public void succeeded() {
        if (failing) {
            end();
        }
    }

    private synchronized void end() {
        failing = false;
        if (!endUntold) {
            return; // it comes and goes, and the next line of a failure counts
        }
        endUntold = false;
        if (untold == 0) {
            log.info("{}: works again", what);
        } else {
            log.info("{}: works again, after {} more failures", what, untold);
        }
        untold = 0;
    }
}

package dev.turnstile.local.replay;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets Ctrl-C (or a termination) end a replay early, and holds back the end of the JVM until the report is written. The
 * exit code is the JVM's then: 130 after Ctrl-C, 143 after a termination.
 */
public final class Stop implements AutoCloseable {

    /** A waiting thread checks for a stop at least this often. */
    static final long NOTICED_WITHIN_MS = 50;

    private static final long REPORT_WITHIN_S = 20;

    private final CountDownLatch reported = new CountDownLatch(1);
    private final Thread hook = new Thread(this::holdBack, "replay-stop");
    private volatile boolean requested;

    /** Listens to Ctrl-C until it is closed. */
    public Stop() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void holdBack() {
        requested = true;
        try {
            if (!reported.await(REPORT_WITHIN_S, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the replay is to end now. */
    boolean requested() {
        return requested;
    }

    /** To be called when the report is written. */
    @Override
    public void close() {
        reported.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending already
        }
    }
}

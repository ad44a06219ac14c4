package dev.turnstile.redlock;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Monotonic time and alarms; by hand in tests. */
interface RedlockTimer extends AutoCloseable {

    /** How late an alarm may come. */
    Duration TICK = Duration.ofMillis(5);

    /** As {@link System#nanoTime()}: only differences mean something. */
    long nanoTime();

    /** Runs a short task once, after the delay. */
    Alarm after(Duration delay, Runnable task);

    @Override
    void close();

    /** A task that has not yet run. */
    @FunctionalInterface
    interface Alarm {
        void cancel();
    }

    /**
     * The system's clock, and a timing wheel with one daemon thread, in which an alarm costs next to nothing to set and
     * to cancel: each question to a node sets one. Alarms come up to {@link #TICK} late.
     */
    static RedlockTimer system() {
        HashedWheelTimer wheel = new HashedWheelTimer(
                task -> {
                    Thread thread = new Thread(task, "redlock-timing");
                    thread.setDaemon(true);
                    return thread;
                },
                TICK.toMillis(),
                TimeUnit.MILLISECONDS);
        return new RedlockTimer() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Alarm after(Duration delay, Runnable task) {
                try {
                    Timeout timeout = wheel.newTimeout(due -> task.run(), delay.toNanos(), TimeUnit.NANOSECONDS);
                    return timeout::cancel;
                } catch (IllegalStateException e) {
                    return () -> {}; // closed
                }
            }

            @Override
            public void close() {
                wheel.stop();
            }
        };
    }
}

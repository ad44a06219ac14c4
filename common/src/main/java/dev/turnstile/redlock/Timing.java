package dev.turnstile.redlock;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Monotonic time and alarms; by hand in tests. */
interface Timing extends AutoCloseable {

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

    /** The system's clock and one daemon thread. */
    static Timing system() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "redlock-timing");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRejectedExecutionHandler((task, rejecting) -> {});
        return new Timing() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Alarm after(Duration delay, Runnable task) {
                ScheduledFuture<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }

            @Override
            public void close() {
                executor.shutdown();
            }
        };
    }
}

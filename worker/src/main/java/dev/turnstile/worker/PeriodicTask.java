package dev.turnstile.worker;

import dev.turnstile.batch.AsyncFailures;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;

/**
 * Work that every worker does at its start and then again and again, on a thread of its own. The interval varies by a
 * fifth, so that workers that were started together do not run it together. A run while a server is down is skipped;
 * that is logged once, and again when it is over.
 */
public final class PeriodicTask implements SmartLifecycle {

    /** By how much an interval may be longer or shorter. */
    static final double JITTER = 0.2;

    private static final Logger log = LoggerFactory.getLogger(PeriodicTask.class);

    /** How long a stop waits for the step in hand. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final String name;
    private final Duration interval;
    private final Work work;
    private final RandomGenerator random;
    private volatile CountDownLatch stopped = new CountDownLatch(0);
    private @Nullable Thread thread;

    // used by the thread alone
    private boolean failing;

    /** Something to be done. */
    public interface Work {

        /**
         * Does it once.
         *
         * @param pause waits between two steps; false when there is no time for another one
         */
        void run(Pause pause) throws InterruptedException;
    }

    /** The time between the steps of some work. */
    public interface Pause {

        /** Waits for this long, or until the worker stops; returns whether to continue. */
        boolean await(Duration time) throws InterruptedException;
    }

    /**
     * Makes a task that begins with the application.
     *
     * @param name of its thread, and of what is left out in the log
     * @param interval from the end of the work to its next begin
     */
    public PeriodicTask(String name, Duration interval, Work work, RandomGenerator random) {
        this.name = name;
        this.interval = interval;
        this.work = work;
        this.random = random;
    }

    @Override
    public synchronized void start() {
        stopped = new CountDownLatch(1);
        Thread started = new Thread(this::run, name);
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    @Override
    public synchronized void stop() {
        stopped.countDown();
        Thread stopping = thread;
        if (stopping != null) {
            try {
                stopping.join(STOP_LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return stopped.getCount() > 0;
    }

    private void run() {
        try {
            do {
                once();
            } while (pause(jittered()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void once() throws InterruptedException {
        try {
            work.run(this::pause);
            if (failing) {
                failing = false;
                log.info("{}: works again", name);
            }
        } catch (RuntimeException | Error e) { // it is done again, and no thread may end unseen
            if (!failing && isRunning()) {
                failing = true;
                log.warn("{}: left out until it works again: {}", name, describe(e));
            }
        }
    }

    private Duration jittered() {
        return Duration.ofNanos((long) (interval.toNanos() * (1 - JITTER + 2 * JITTER * random.nextDouble())));
    }

    private boolean pause(Duration time) throws InterruptedException {
        return !stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static String describe(Throwable failure) {
        return String.valueOf(NestedExceptionUtils.getMostSpecificCause(AsyncFailures.cause(failure)));
    }
}

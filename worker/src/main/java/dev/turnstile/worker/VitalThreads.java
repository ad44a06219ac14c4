package dev.turnstile.worker;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/**
 * Threads that decide orders, and those that consume them. A worker in which one of them has died would keep its
 * partitions and decide nothing of them, so it says why, is neither live nor ready any more, and ends: others take over
 * what it had.
 */
@Component
public class VitalThreads {

    private static final Logger log = LoggerFactory.getLogger(VitalThreads.class);

    private final ApplicationContext context;
    private final Runnable end;
    private final AtomicBoolean ending = new AtomicBoolean();

    @Autowired
    VitalThreads(ApplicationContext context) {
        this(context, () -> System.exit(SpringApplication.exit(context, () -> 1)));
    }

    VitalThreads(ApplicationContext context, Runnable end) {
        this.context = context;
        this.end = end;
    }

    /**
     * Starts such a thread.
     *
     * @param work returns when the worker stops; whatever it throws ends the worker
     */
    public Thread start(String name, Runnable work) {
        Thread thread = new Thread(() -> run(name, work), name);
        thread.start();
        return thread;
    }

    private void run(String name, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            died(name, e);
        }
    }

    /** Ends the worker because a vital thread died; the first one is reported. */
    void died(String name, @Nullable Throwable cause) {
        if (!ending.compareAndSet(false, true)) {
            return;
        }
        // first of all, as the rest may fail for want of memory
        Thread ender = new Thread(end, "worker-end");
        try {
            log.error("the thread {} died: stopping this worker", name, cause);
            AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
            AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
        } finally {
            ender.start();
        }
    }
}

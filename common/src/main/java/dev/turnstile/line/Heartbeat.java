package dev.turnstile.line;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Tells the line, three times within its limit, that this process, which draws tickets, is alive: from before the first draw
 * to the end. A ticket that was drawn and not yet published does not survive the silence of its drawer.
 */
public final class Heartbeat implements SmartLifecycle {

    /** Started before the web server and the Kafka containers, and stopped after them. */
    private static final int PHASE = DEFAULT_PHASE - 4096;

    private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
    private static final int BEATS_PER_LIMIT = 3;

    private final TicketLine line;
    private final Duration interval;
    private final ScheduledExecutorService clock =
            new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "line-heartbeat"));
    private volatile boolean running;

    /**
     * Makes a heartbeat.
     *
     * @param line what is drawn from
     */
    public Heartbeat(TicketLine line, LineProperties properties) {
        this.line = line;
        this.interval = properties.heartbeatLimit().dividedBy(BEATS_PER_LIMIT);
    }

    private void beat() {
        try {
            line.beat().whenComplete((done, failure) -> {
                if (failure != null) {
                    log.debug("a heartbeat was missed: {}", failure.toString());
                }
            });
        } catch (RuntimeException e) { // an exception would end the schedule
            log.debug("a heartbeat was missed: {}", e.toString());
        }
    }

    @Override
    public void start() {
        running = true;
        ScheduledFuture<?> unused =
                clock.scheduleAtFixedRate(this::beat, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        running = false;
        clock.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}

package dev.turnstile.api.order;

import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Tells the line, three times within its limit, that this API is alive, from before the first draw to the end. */
@Component
final class Heartbeat implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
    private static final int BEATS_PER_LIMIT = 3;

    private final TicketLine line;
    private final Duration interval;
    private final ScheduledExecutorService clock =
            new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "line-heartbeat"));
    private volatile boolean running;

    Heartbeat(TicketLine line, LineProperties properties) {
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
        return Replies.PHASE;
    }
}

package dev.turnstile.api.order;

import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Reports to the line, three times within its limit, that this API is alive, from before the first draw to the end; and
 * measures how fast the line moves.
 */
@Component
final class LineHeartbeat implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(LineHeartbeat.class);
    private static final int BEATS_PER_LIMIT = 3;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    private final TicketLine line;
    private final LineAdmission door;
    private final Duration betweenBeats;
    private final ScheduledExecutorService clock =
            new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "line-pulse"));
    private volatile boolean running;
    private final AtomicBoolean beaten = new AtomicBoolean();
    private final AtomicBoolean looked = new AtomicBoolean();

    LineHeartbeat(TicketLine line, LineAdmission door, LineProperties properties) {
        this.line = line;
        this.door = door;
        this.betweenBeats = properties.heartbeatLimit().dividedBy(BEATS_PER_LIMIT);
    }

    /**
     * Whether the line took the last heartbeat, which is a write, and answered the last look: a Redis may be full, or a
     * replica.
     */
    boolean isHeard() {
        return beaten.get() && looked.get();
    }

    @Override
    public void start() {
        running = true;
        repeat(betweenBeats, "a heartbeat failed", beaten, line::beat);
        repeat(BETWEEN_LOOKS, "a check of the line failed", looked, () -> line.traffic()
                .thenAccept(door::seen));
    }

    private void repeat(Duration interval, String failed, AtomicBoolean heard, Supplier<CompletionStage<Void>> task) {
        Runnable guarded = () -> {
            try {
                task.get().whenComplete((done, failure) -> {
                    heard.set(failure == null);
                    if (failure != null) {
                        log.debug("{}: {}", failed, failure.toString());
                    }
                });
            } catch (RuntimeException e) { // an exception would end the schedule
                heard.set(false);
                log.debug("{}: {}", failed, e.toString());
            }
        };
        ScheduledFuture<?> unused = clock.scheduleAtFixedRate(guarded, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
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
        return ReplyReader.PHASE;
    }
}

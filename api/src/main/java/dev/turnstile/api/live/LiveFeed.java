package dev.turnstile.api.live;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends snapshots of the system to watchers as server-sent events, and takes none without a watcher. A client that
 * reads slowly is skipped until its last event has gone out, and then gets the history again; it holds up no other, as
 * there are threads for all. A stream ends after {@link #LONGEST}, and browsers open the next by themselves.
 */
final class LiveFeed implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final LiveSource source;
    private final Duration interval;
    private final Semaphore permits;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService looking =
            new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "live-looks"));
    private final ExecutorService sending;
    private volatile boolean running;

    private static final class Watcher {
        private final SseEmitter emitter = new SseEmitter(0L); // its end is sent explicitly
        private final long openedAt = System.nanoTime();
        private final AtomicBoolean busy = new AtomicBoolean();

        // used by the thread that looks alone
        private boolean fresh = true;
    }

    /** Creates a feed without watchers. */
    LiveFeed(LiveSource source, LiveProperties properties) {
        this.source = source;
        this.interval = properties.interval();
        this.permits = new Semaphore(properties.maxWatchers());
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                properties.maxWatchers(),
                properties.maxWatchers(),
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(properties.maxWatchers()),
                work -> new Thread(work, "live-events"));
        threads.allowCoreThreadTimeOut(true);
        this.sending = threads;
    }

    /**
     * Opens a stream.
     *
     * @throws ProblemException {@link ProblemType#UNAVAILABLE} if as many watch as may, or the instance is stopping
     */
    SseEmitter open() {
        if (!running || !permits.tryAcquire()) {
            throw new ProblemException(
                    ProblemType.UNAVAILABLE, "This instance is stopping, or has reached its limit of watchers.");
        }
        Watcher watcher = new Watcher();
        watcher.emitter.onCompletion(() -> forget(watcher));
        watchers.add(watcher);
        try {
            looking.execute(this::look); // not at the next turn only
        } catch (RejectedExecutionException e) {
            forget(watcher);
        }
        return watcher.emitter;
    }

    /** How many watch. */
    int count() {
        return watchers.size();
    }

    private void forget(Watcher watcher) {
        if (watchers.remove(watcher)) {
            permits.release();
        }
    }

    private void look() {
        endOld(); // also while there is nothing to see
        if (watchers.isEmpty()) {
            source.rest();
            return;
        }
        try {
            LiveView view = source.look();
            String update = JSON.writeValueAsString(view);
            String whole = null;
            for (Watcher watcher : watchers) {
                if (!watcher.busy.compareAndSet(false, true)) {
                    watcher.fresh = true; // for what it misses now
                } else if (watcher.fresh) {
                    watcher.fresh = false;
                    whole = whole == null ? JSON.writeValueAsString(source.withHistory(view)) : whole;
                    send(watcher, whole);
                } else {
                    send(watcher, update);
                }
            }
        } catch (RuntimeException e) { // an exception would end the schedule
            log.warn("the live page is not updated: {}", e.toString());
        }
    }

    private void endOld() {
        for (Watcher watcher : watchers) {
            if (System.nanoTime() - watcher.openedAt > LONGEST.toNanos()) {
                watcher.emitter.complete();
                forget(watcher);
            }
        }
    }

    private void send(Watcher watcher, String view) {
        sending.execute(() -> {
            try {
                watcher.emitter.send(SseEmitter.event().name("view").data(view, MediaType.APPLICATION_JSON));
            } catch (IOException | IllegalStateException e) { // the client is gone
                log.trace("a watcher disconnected: {}", e.toString());
                forget(watcher);
            } finally {
                watcher.busy.set(false);
            }
        });
    }

    @Override
    public void start() {
        running = true;
        ScheduledFuture<?> unused = looking.scheduleWithFixedDelay(
                this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends all streams; browsers look elsewhere. */
    @Override
    public void stop() {
        running = false;
        looking.shutdownNow();
        watchers.forEach(watcher -> {
            watcher.emitter.complete();
            forget(watcher);
        });
        sending.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE; // before the web server begins to drain
    }
}

package dev.turnstile.api.order;

import dev.turnstile.api.http.SharedWriter;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.Decision;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams the position of an order while it waits, and its outcome, as server-sent events. One thread checks
 * all orders with a listener once a second; an outcome that reaches this instance is sent at once.
 *
 * <p>Bounded in number and in time: a stream ends after {@link #LONGEST}, whatever is known of its order, and browsers
 * open the next by themselves. The thread waits for no client: one that does not read loses its connection.
 */
final class OrderStreams implements SmartLifecycle {

    /** Sent while the order waits, when its place has changed. */
    static final String WAITING = "waiting";
    /** Sent at last where nothing is known of the order any more. */
    static final String UNKNOWN = "unknown";
    /** Sent at last. */
    static final String DECIDED = "decided";

    private static final Logger log = LoggerFactory.getLogger(OrderStreams.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** Checks in a row without news; then an empty line finds out whether the client is still connected. */
    private static final int QUIET_LOOKS = 15;

    /**
     * Looks in a row that find that nothing is known of an order; a line that lost its memory takes less to be put
     * right.
     */
    private static final int LOST_LOOKS = 60;

    private final Function<Collection<UUID>, CompletionStage<Map<UUID, Optional<OrderView>>>> look;
    private final LongSupplier nanoTime;
    private final Semaphore permits;
    private final ConcurrentMap<UUID, List<Stream>> streams = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread =
            new ScheduledThreadPoolExecutor(1, work -> new SharedWriter(work, "order-streams"));
    private volatile boolean running;

    /** One client that listens. What changes is used by the one thread alone. */
    private static final class Stream {
        private final UUID orderId;
        private final SseEmitter emitter = new SseEmitter(0L); // its end is sent explicitly
        private final long openedAt;
        private OrderView told;
        private int quiet;
        private int lost;

        Stream(OrderView told, long openedAt) {
            this.orderId = told.orderId();
            this.openedAt = openedAt;
            this.told = told;
        }
    }

    /**
     * Makes streams.
     *
     * @param limit most streams at once
     * @param look returns where orders are; empty where nothing is known, left out where it can't be determined
     */
    OrderStreams(
            int limit,
            Function<Collection<UUID>, CompletionStage<Map<UUID, Optional<OrderView>>>> look,
            LongSupplier nanoTime) {
        this.permits = new Semaphore(limit);
        this.look = look;
        this.nanoTime = nanoTime;
    }

    /**
     * Opens a stream that begins with what is known of an order.
     *
     * @throws ProblemException {@link ProblemType#UNAVAILABLE} if as many are open as may be, or the instance is
     *     stopping
     */
    SseEmitter open(OrderView order) {
        if (!running || !permits.tryAcquire()) {
            throw new ProblemException(
                    ProblemType.UNAVAILABLE, "This instance is stopping, or has reached its limit of event streams.");
        }
        Stream stream = new Stream(order, nanoTime.getAsLong());
        stream.emitter.onCompletion(() -> forget(stream));
        streams.compute(order.orderId(), (id, some) -> with(some, stream));
        execute(() -> tell(stream, order, true));
        return stream.emitter;
    }

    private static List<Stream> with(@Nullable List<Stream> some, Stream one) {
        List<Stream> all = some == null ? new ArrayList<>() : new ArrayList<>(some);
        all.add(one);
        return List.copyOf(all);
    }

    /** Called once or more often, by any thread that notices the end. */
    private void forget(Stream stream) {
        streams.computeIfPresent(stream.orderId, (id, some) -> {
            List<Stream> rest = some.stream().filter(other -> other != stream).toList();
            if (rest.size() < some.size()) {
                permits.release();
            }
            return rest.isEmpty() ? null : rest;
        });
    }

    /** How many streams are open. */
    int count() {
        return streams.values().stream().mapToInt(List::size).sum();
    }

    /** Sends an outcome to the listeners of its order. */
    void decided(Decision decision) {
        if (streams.containsKey(decision.orderId())) {
            execute(() -> tell(Map.of(decision.orderId(), Optional.of(OrderView.of(decision)))));
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            log.trace("stopped: {}", e.toString());
        }
    }

    void lookAfterAll() {
        execute(this::endOld); // also while nothing can be found out
        try {
            Set<UUID> orderIds = Set.copyOf(streams.keySet());
            if (!orderIds.isEmpty()) {
                look.apply(orderIds).whenComplete((views, failure) -> {
                    if (failure == null) {
                        execute(() -> tell(views));
                    } else {
                        log.debug("event streams of orders are not updated: {}", failure.toString());
                    }
                });
            }
        } catch (RuntimeException e) { // an exception would end the schedule
            log.warn("event streams of orders are not updated: {}", e.toString());
        }
    }

    private void tell(Map<UUID, Optional<OrderView>> views) {
        views.forEach((orderId, view) -> streams.getOrDefault(orderId, List.of())
                .forEach(stream -> view.ifPresentOrElse(known -> tell(stream, known, false), () -> lose(stream))));
    }

    private void lose(Stream stream) {
        if (++stream.lost >= LOST_LOOKS) {
            try {
                stream.emitter.send(SseEmitter.event()
                        .name(UNKNOWN)
                        .data(Map.of("orderId", stream.orderId), MediaType.APPLICATION_JSON));
                end(stream);
            } catch (IOException | IllegalStateException e) { // the client is gone
                log.trace("a stream ends: {}", e.toString());
                forget(stream);
            }
        }
    }

    private void endOld() {
        long now = nanoTime.getAsLong();
        streams.values().forEach(some -> some.stream()
                .filter(stream -> now - stream.openedAt > LONGEST.toNanos())
                .forEach(this::end));
    }

    private void tell(Stream stream, OrderView view, boolean first) {
        boolean waits = view.status().equals(OrderView.WAITING);
        stream.lost = 0;
        try {
            if (first || !waits || !Objects.equals(view.place(), stream.told.place())) {
                stream.told = view;
                stream.quiet = 0;
                stream.emitter.send(
                        SseEmitter.event().name(waits ? WAITING : DECIDED).data(view, MediaType.APPLICATION_JSON));
            } else if (++stream.quiet % QUIET_LOOKS == 0) {
                stream.emitter.send(SseEmitter.event().comment("still waiting"));
            }
            if (!waits) {
                end(stream);
            }
        } catch (IOException | IllegalStateException e) { // the client is gone
            log.trace("a stream ends: {}", e.toString());
            forget(stream);
        }
    }

    private void end(Stream stream) {
        stream.emitter.complete();
        forget(stream);
    }

    @Override
    public void start() {
        running = true;
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(
                this::lookAfterAll, BETWEEN_LOOKS.toMillis(), BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends all streams; clients look elsewhere. */
    @Override
    public void stop() {
        running = false;
        streams.values().forEach(some -> some.forEach(this::end));
        thread.shutdown();
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

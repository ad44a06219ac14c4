package dev.turnstile.api.order;

import dev.turnstile.order.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The requests of this instance that wait for an outcome, at most so many at once. An outcome that finds no request is
 * dropped: the ledger has it.
 *
 * <p>It stops before everything else: each waiting request is answered 202 while the web server still drains, and no
 * new one is accepted.
 */
final class WaitingRequests implements SmartLifecycle {

    /** By order; those of one order came with one idempotency key. */
    private final ConcurrentMap<UUID, List<WaitingRequest>> requests = new ConcurrentHashMap<>();

    private final Set<UUID> unanswered;
    private final int limit;
    private final Semaphore permits;
    private volatile boolean stopping;

    /**
     * @param limit most requests that wait at once, and most orders that are remembered after their request ended with
     *     202
     */
    WaitingRequests(int limit) {
        this.limit = limit;
        permits = new Semaphore(limit);
        unanswered = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
                return size() > limit;
            }
        }));
    }

    /**
     * Lets a request wait for the outcome of an order. To be called before the order is published, so that no reply can
     * come too early. Where others wait for it already, one of them is its leader, and publishes the order.
     *
     * @param digest of what was asked for
     * @return the request, or empty if as many wait as may or the instance is stopping
     */
    Optional<WaitingRequest> register(UUID orderId, String digest) {
        if (stopping || !permits.tryAcquire()) {
            return Optional.empty();
        }
        List<WaitingRequest> now = Objects.requireNonNull(requests.merge(
                orderId,
                List.of(new WaitingRequest(orderId, digest, null)),
                (others, unused) -> with(others, new WaitingRequest(orderId, digest, leaderOf(others)))));
        WaitingRequest request = now.get(now.size() - 1);
        request.end().whenComplete((reception, failure) -> {
            if (reception instanceof IntakeResult.Waiting) {
                unanswered.add(orderId);
            }
            requests.computeIfPresent(orderId, (id, all) -> without(all, request));
            permits.release();
        });
        return Optional.of(request);
    }

    private static WaitingRequest leaderOf(List<WaitingRequest> others) {
        WaitingRequest first = others.get(0);
        WaitingRequest leader = first.leader();
        return leader == null ? first : leader;
    }

    private static List<WaitingRequest> with(List<WaitingRequest> some, WaitingRequest one) {
        List<WaitingRequest> all = new ArrayList<>(some);
        all.add(one);
        return List.copyOf(all);
    }

    private static @Nullable List<WaitingRequest> without(List<WaitingRequest> all, WaitingRequest one) {
        List<WaitingRequest> some = all.stream().filter(other -> other != one).toList();
        return some.isEmpty() ? null : some;
    }

    /** The order of a request is published: it waits at most this long from now, and not at all while stopping. */
    void published(WaitingRequest request, Duration wait) {
        request.published(wait);
        if (stopping) {
            request.giveUpWaiting();
        }
    }

    /** Brings an outcome to the requests that wait for it, if there are any. */
    void decided(Decision decision) {
        decided(decision, false);
    }

    /**
     * Completes requests with an outcome that a worker reported.
     *
     * @param before whether the worker found the order decided
     */
    void decided(Decision decision, boolean before) {
        requests.getOrDefault(decision.orderId(), List.of()).forEach(request -> request.decided(decision, before));
        unanswered.remove(decision.orderId());
    }

    /**
     * Whether this instance took the order and has seen no outcome of it yet. Of orders whose request was answered 202,
     * only the latest are remembered.
     */
    boolean awaits(UUID orderId) {
        return requests.containsKey(orderId) || unanswered.contains(orderId);
    }

    /** How many requests wait now. */
    int count() {
        return limit - permits.availablePermits();
    }

    @Override
    public void start() {
        stopping = false;
    }

    /**
     * Answers all requests that may be answered; a request whose order is being published ends when that has succeeded
     * or failed.
     */
    @Override
    public void stop() {
        stopping = true;
        requests.values().stream()
                .flatMap(List::stream)
                .filter(WaitingRequest::isPublished)
                .forEach(WaitingRequest::giveUpWaiting);
    }

    @Override
    public boolean isRunning() {
        return !stopping;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE; // the greatest there is: stopped before the web server begins to drain
    }
}

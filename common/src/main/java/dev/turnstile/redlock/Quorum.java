package dev.turnstile.redlock;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** The nodes and what attempts and leases need besides. */
record Quorum(List<WatchedNode> nodes, RedlockProperties properties, RedlockTimer timing, RandomGenerator random) {

    int majority() {
        return properties.majority();
    }

    /** The nodes worth asking: those that don't rest, or all where that leaves no majority. */
    List<WatchedNode> reachable() {
        List<WatchedNode> awake =
                nodes.stream().filter(node -> !node.isResting()).toList();
        return awake.size() >= majority() ? awake : nodes;
    }

    Duration retryDelay() {
        long jitter = properties.retryJitter().toNanos();
        return properties.retryDelay().plusNanos(jitter == 0 ? 0 : random.nextLong(jitter));
    }

    /**
     * Deletes the claims' keys on every node that was asked for them, whatever it answered: an answer may be on its
     * way.
     *
     * @return completes when a majority has done it or every node has answered, failed or taken too long; never fails
     */
    CompletionStage<Void> release(List<LockRequest> claims, List<WatchedNode> asked) {
        CompletableFuture<Void> released = new CompletableFuture<>();
        AtomicInteger done = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        for (WatchedNode node : asked) {
            node.ask(n -> n.release(claims)).whenComplete((nothing, failure) -> {
                boolean most = failure == null && done.incrementAndGet() == majority();
                if (ended.incrementAndGet() == asked.size() || most) {
                    released.complete(null);
                }
            });
        }
        return released;
    }
}

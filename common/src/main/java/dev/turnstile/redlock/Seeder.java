package dev.turnstile.redlock;

import dev.turnstile.redlock.RedlockNode.Memory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives nodes that lost their memory a counter above every token they can have seen, so that they may grant again.
 *
 * <p>In rounds, each of which: (1) asks every node for its counter and marks the memory of those without one; (2) draws
 * an epoch, once, for the marked ones that have none yet; (3) installs {@code epoch · 2^40} on those whose time has
 * come, each only if its memory is still the marked one.
 *
 * <p><b>Above every token.</b> A token that a node confirmed before it lost its memory was confirmed before the memory
 * was marked, so it stems from epochs before the one drawn after that. The node grants nothing between. One epoch may
 * serve several nodes if all were marked before it was drawn.
 *
 * <p><b>The right memory.</b> The marker is lost with the memory, so an epoch that was drawn for one memory is never
 * installed on a later one, which another process may have seeded higher and which may have forgotten it. The run_id in
 * the marker catches markers that come back from a file. ({@code SeedTake}, {@code SeedPut} and {@code BOUND} of the
 * specification.)
 *
 * <p><b>Its time.</b> What the node had granted is forgotten, so it waits one maximum lease from the moment its memory
 * was first seen: by then each lease has ended or been extended by a majority without this node's old grants. Only the
 * first epoch ever drawn is installed at once: no node can have been seeded before, so none has granted anything.
 *
 * <p>A node that restarts while no lock is requested is found by a check of all nodes, once per maximum lease.
 *
 * <p>The process that marked a memory draws its epoch; others step in only if that one seems to have died, so that a
 * restart costs few of the 8,191 epochs.
 */
final class Seeder {

    private static final Logger log = LoggerFactory.getLogger(Seeder.class);

    private static final int SEQUENCE_BITS = 40;
    private static final long EPOCH_LIMIT = 8192;

    /** A memory without a counter, as this process knows it. */
    private static final class Emptiness {
        private final String marker;
        private final boolean markedByUs;
        private final long seen;
        private OptionalLong epoch = OptionalLong.empty();

        private Emptiness(String marker, boolean markedByUs, long seen) {
            this.marker = marker;
            this.markedByUs = markedByUs;
            this.seen = seen;
        }
    }

    private final Quorum quorum;
    private final EpochSource epochs;
    private final Executor blocking;
    private final Duration stepIn;
    private final String process = UUID.randomUUID().toString();
    private final AtomicLong names = new AtomicLong();

    // Guarded by this.
    private boolean running;
    private boolean closed;
    private RedlockTimer.@Nullable Alarm nextRound;

    // What a round writes, the next step of the round or the next round reads.
    private final Map<WatchedNode, Emptiness> empty = new ConcurrentHashMap<>();
    private final Set<WatchedNode> silent = ConcurrentHashMap.newKeySet();

    /**
     * @param blocking where the epoch source is asked
     */
    Seeder(Quorum quorum, EpochSource epochs, Executor blocking) {
        this.quorum = quorum;
        this.epochs = epochs;
        this.blocking = blocking;
        Duration wait = quorum.properties().maxLease();
        this.stepIn = wait.plusNanos(quorum.random().nextLong(wait.toNanos()));
    }

    /** Checks all nodes now. */
    void check() {
        synchronized (this) {
            if (running || closed) {
                return;
            }
            running = true;
            if (nextRound != null) {
                nextRound.cancel();
            }
        }
        round();
    }

    /** Reports that a node has no counter: checks all nodes, unless it is known already and waits for its time. */
    void check(WatchedNode node) {
        if (!empty.containsKey(node)) {
            check();
        }
    }

    synchronized void close() {
        closed = true;
        if (nextRound != null) {
            nextRound.cancel();
        }
    }

    private void round() {
        mark().thenAcceptAsync(this::draw, blocking)
                .thenCompose(drawn -> install())
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        log.warn(
                                "Redlock nodes {} grant nothing until they are seeded, which failed and is tried again",
                                empty.keySet(),
                                failure);
                    }
                    scheduleNext();
                });
    }

    /** Completes with the greatest counter seen, 0 if there is none. */
    private CompletionStage<Long> mark() {
        // Never used twice. It identifies the call, so that a later call can learn that an earlier one arrived.
        String name = process + "-" + names.incrementAndGet();
        CompletionStage<Long> highest = CompletableFuture.completedStage(0L);
        for (WatchedNode node : quorum.nodes()) {
            CompletionStage<Long> counter = node.ask(n -> n.mark(name)).handle((memory, failure) -> {
                if (failure != null) {
                    silent.add(node);
                    return 0L;
                }
                silent.remove(node);
                return remember(node, memory);
            });
            highest = highest.thenCombine(counter, Math::max);
        }
        return highest;
    }

    private long remember(WatchedNode node, Memory memory) {
        if (memory instanceof Memory.Seeded seeded) {
            empty.remove(node);
            return seeded.counter();
        }
        String marker = ((Memory.Marked) memory).marker();
        Emptiness known = empty.get(node);
        if (known == null || !known.marker.equals(marker)) {
            empty.put(
                    node,
                    new Emptiness(
                            marker,
                            marker.contains(process + "-"),
                            quorum.timing().nanoTime()));
        }
        return 0;
    }

    private void draw(long highestCounter) {
        List<Emptiness> without =
                empty.values().stream().filter(e -> e.epoch.isEmpty()).toList();
        if (without.stream().noneMatch(e -> e.markedByUs || left(e.seen, stepIn).isZero())) {
            return;
        }
        long epoch = epochs.next();
        long highestEpoch = highestCounter >> SEQUENCE_BITS;
        if (epoch <= highestEpoch) {
            log.warn(
                    "the epoch source gave {}, but Redlock nodes count from epoch {}: the ledger was reset and they were"
                            + " not; catching up",
                    epoch,
                    highestEpoch);
        }
        while (epoch <= highestEpoch) {
            epoch = epochs.next();
        }
        if (epoch >= EPOCH_LIMIT) {
            throw new IllegalStateException("epoch " + epoch + " does not fit into a token: it must be below "
                    + EPOCH_LIMIT + "; reset the ledger's epoch and flush all Redlock nodes together");
        }
        for (Emptiness emptiness : without) {
            emptiness.epoch = OptionalLong.of(epoch);
        }
    }

    private CompletionStage<Void> install() {
        List<CompletableFuture<Void>> installations = new ArrayList<>();
        for (WatchedNode node : quorum.nodes()) {
            Emptiness emptiness = empty.get(node);
            if (emptiness != null
                    && emptiness.epoch.isPresent()
                    && untilInstalled(emptiness).isZero()) {
                installations.add(install(node, emptiness).toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(installations.toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<Void> install(WatchedNode node, Emptiness emptiness) {
        long epoch = emptiness.epoch.orElseThrow();
        return node.ask(n -> n.seed(emptiness.marker, epoch << SEQUENCE_BITS)).thenAccept(installed -> {
            // If not, it has a counter by now or another memory, which the next grant or check shows.
            empty.remove(node, emptiness);
            if (installed) {
                log.info("Redlock node {} was empty and now counts from epoch {}", node, epoch);
            }
        });
    }

    private synchronized void scheduleNext() {
        running = false;
        if (closed) {
            return;
        }
        Duration rest = quorum.properties().nodeRest();
        Duration soonest = empty.values().stream()
                .map(e -> e.epoch.isPresent() ? untilInstalled(e) : left(e.seen, stepIn))
                // A due node that was not seeded is tried again after a rest, and so is one that did not answer.
                .map(left -> left.isZero() || (!silent.isEmpty() && left.compareTo(rest) > 0) ? rest : left)
                .min(Duration::compareTo)
                .orElse(silent.isEmpty() ? quorum.properties().maxLease() : rest);
        nextRound = quorum.timing().after(soonest, this::check);
    }

    private Duration untilInstalled(Emptiness emptiness) {
        return emptiness.epoch.orElseThrow() == EpochSource.FIRST
                ? Duration.ZERO
                : left(emptiness.seen, quorum.properties().maxLease());
    }

    private Duration left(long since, Duration wait) {
        Duration left = wait.minusNanos(quorum.timing().nanoTime() - since);
        return left.isNegative() ? Duration.ZERO : left;
    }
}

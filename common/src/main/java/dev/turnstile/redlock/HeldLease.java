package dev.turnstile.redlock;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lease that was won. Extended at every third of its length on the nodes that were asked for it; lost when its
 * validity ends before a majority has extended it, or at once when so many nodes deny it that no majority ever can.
 */
final class HeldLease implements Lease {

    private enum State {
        HELD,
        LOST,
        RELEASED
    }

    private final Quorum quorum;
    private final LockRequest claim;
    private final List<WatchedNode> asked;
    private final long token;
    private final long firstExtension;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    // Guarded by this. Nodes and callers are never called under it.
    private State state = State.HELD;
    private long validUntil;
    private RedlockTimer.@Nullable Alarm nextExtension;
    private RedlockTimer.@Nullable Alarm expiry;

    /**
     * @param begun when the first node was asked: no node's lease can end earlier than one lease after it
     */
    HeldLease(Quorum quorum, LockRequest claim, List<WatchedNode> asked, long token, long begun) {
        this.quorum = quorum;
        this.claim = claim;
        this.asked = asked;
        this.token = token;
        this.validUntil = validity(begun);
        this.firstExtension = begun + third();
    }

    /** Begins to extend it. */
    synchronized void start() {
        nextExtension = at(firstExtension, this::extend);
        expiry = at(validUntil, this::onExpiry);
    }

    LockRequest claim() {
        return claim;
    }

    @Override
    public long token() {
        return token;
    }

    @Override
    public Set<Long> productIds() {
        return claim.productIds();
    }

    @Override
    public synchronized boolean isHeld() {
        return state == State.HELD && left(validUntil) > 0;
    }

    @Override
    public synchronized Duration remaining() {
        return state == State.HELD ? Duration.ofNanos(Math.max(0, left(validUntil))) : Duration.ZERO;
    }

    @Override
    public CompletionStage<Void> lost() {
        return lost.minimalCompletionStage();
    }

    @Override
    public CompletionStage<Void> release() {
        release(List.of(this));
        return released.minimalCompletionStage();
    }

    /** Gives several back together: each node gets one message for all of them. */
    static CompletionStage<Void> release(List<HeldLease> leases) {
        Map<List<WatchedNode>, List<HeldLease>> byNodes =
                leases.stream().filter(HeldLease::beginRelease).collect(Collectors.groupingBy(lease -> lease.asked));
        byNodes.forEach((asked, together) -> together.get(0)
                .quorum
                .release(together.stream().map(HeldLease::claim).toList(), asked)
                .thenRun(() -> together.forEach(lease -> lease.released.complete(null))));
        return CompletableFuture.allOf(
                        leases.stream().map(lease -> lease.released).toArray(CompletableFuture<?>[]::new))
                .minimalCompletionStage();
    }

    /** Whether it was not released before. */
    private synchronized boolean beginRelease() {
        if (state == State.RELEASED) {
            return false;
        }
        state = State.RELEASED;
        cancelAlarms();
        return true;
    }

    /** Gives the products back although work on them may go on: its holder learns that the lease is lost. */
    CompletionStage<Void> abandon() {
        lose();
        return release();
    }

    /** Completes when the lease has ended one way or the other. */
    CompletionStage<?> over() {
        return CompletableFuture.anyOf(lost, released);
    }

    private void extend() {
        Round round = new Round(quorum.timing().nanoTime());
        for (WatchedNode node : asked) {
            node.ask(n -> n.extend(claim)).whenComplete((extended, failure) -> {
                if (failure != null) {
                    round.onFailure();
                } else if (extended) {
                    round.onExtended();
                } else {
                    round.onDenied();
                }
            });
        }
    }

    private synchronized void onMajorityExtended(long sent) {
        if (isHeld()) {
            validUntil = validity(sent);
            nextExtension = at(sent + third(), this::extend);
        }
    }

    private synchronized void retryExtension() {
        if (isHeld()) {
            nextExtension = quorum.timing().after(quorum.retryDelay(), this::extend);
        }
    }

    private void onExpiry() {
        synchronized (this) {
            if (isHeld()) {
                expiry = at(validUntil, this::onExpiry);
                return;
            }
        }
        lose();
    }

    private void lose() {
        synchronized (this) {
            if (state != State.HELD) {
                return;
            }
            state = State.LOST;
            cancelAlarms();
        }
        lost.complete(null);
    }

    private void cancelAlarms() {
        if (nextExtension != null) {
            nextExtension.cancel();
        }
        if (expiry != null) {
            expiry.cancel();
        }
    }

    private RedlockTimer.Alarm at(long instant, Runnable task) {
        return quorum.timing().after(Duration.ofNanos(Math.max(0, left(instant))), task);
    }

    private long left(long instant) {
        return instant - quorum.timing().nanoTime();
    }

    private long validity(long sent) {
        return sent + claim.lease().minus(quorum.properties().drift()).toNanos();
    }

    private long third() {
        return claim.lease().toNanos() / 3;
    }

    /** One extension, sent to all nodes at once. */
    private final class Round {

        private final long sent;
        private int extended;
        // A node that was resting was not asked for the keys, so it does not have them.
        private int denied = quorum.nodes().size() - asked.size();
        private int failed;

        Round(long sent) {
            this.sent = sent;
        }

        void onExtended() {
            boolean majority;
            synchronized (this) {
                majority = ++extended == quorum.majority();
            }
            if (majority) {
                onMajorityExtended(sent);
            }
        }

        void onDenied() {
            boolean forGood;
            synchronized (this) {
                forGood = quorum.nodes().size() - ++denied == quorum.majority() - 1;
            }
            if (forGood) {
                lose();
            } else {
                onUnextended();
            }
        }

        void onFailure() {
            synchronized (this) {
                failed++;
            }
            onUnextended();
        }

        private void onUnextended() {
            boolean lastChance;
            synchronized (this) {
                lastChance = quorum.nodes().size() - denied - failed == quorum.majority() - 1;
            }
            if (lastChance) {
                retryExtension();
            }
        }
    }
}

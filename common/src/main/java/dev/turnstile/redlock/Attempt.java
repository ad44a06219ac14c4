package dev.turnstile.redlock;

import dev.turnstile.redlock.RedlockNode.Answer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One try to win a set of products, under an owner name of its own.
 *
 * <p>All nodes are asked at once. The first majority M that grants fixes the token: the greatest counter in M. Nodes of M
 * that are behind are raised to it, each only while it still holds the keys for this attempt. Once all of M confirm, and
 * if validity is left, the lease begins; in every other case all is given back, also what is granted later.
 *
 * <p>In the words of the specification: {@code Ask} is {@link #start}, {@code Won} is {@link #confirm},
 * {@code WriteBack} and {@code Finish} are {@link #onConfirmed}, {@code GiveUp} is {@link #giveUp}.
 */
final class Attempt {

    private enum Phase {
        ASKING,
        CONFIRMING,
        WON,
        OVER
    }

    private final Quorum quorum;
    private final Claim claim;
    private final long floor;
    private final Consumer<WatchedNode> onEmptyNode;
    private final List<WatchedNode> asked;
    private final long begun;
    private final CompletableFuture<Optional<HeldLease>> result = new CompletableFuture<>();

    // Guarded by this. Nodes and callers are never called under it.
    private Phase phase = Phase.ASKING;
    private final Map<WatchedNode, Long> grants = new LinkedHashMap<>();
    private int refusals;
    private @Nullable HeldLease lease;

    Attempt(Quorum quorum, Claim claim, long floor, Consumer<WatchedNode> onEmptyNode) {
        this.quorum = quorum;
        this.claim = claim;
        this.floor = floor;
        this.onEmptyNode = onEmptyNode;
        this.asked = quorum.reachable();
        this.begun = quorum.timing().nanoTime();
    }

    /** Completes with the lease or empty; never exceptionally. */
    CompletionStage<Optional<HeldLease>> start() {
        for (WatchedNode node : asked) {
            node.ask(n -> n.acquire(claim, floor), late -> onAnswer(node, late)).whenComplete((answer, failure) -> {
                if (failure == null) {
                    onAnswer(node, answer);
                } else {
                    onRefusal();
                }
            });
        }
        return result;
    }

    private void onAnswer(WatchedNode node, Answer answer) {
        if (answer instanceof Answer.Granted granted) {
            onGrant(node, granted.counter());
        } else {
            if (answer instanceof Answer.Empty) {
                onEmptyNode.accept(node);
            }
            onRefusal();
        }
    }

    private void onGrant(WatchedNode node, long counter) {
        boolean majority = false;
        boolean unwanted = false;
        synchronized (this) {
            switch (phase) {
                case ASKING -> {
                    grants.put(node, counter);
                    majority = grants.size() == quorum.majority();
                    phase = majority ? Phase.CONFIRMING : Phase.ASKING;
                }
                case CONFIRMING -> {}
                case WON -> unwanted = lease != null && !lease.isHeld();
                case OVER -> unwanted = true;
            }
        }
        if (majority) {
            confirm();
        } else if (unwanted) {
            // The release that was sent before may have overtaken the claim.
            node.ask(n -> n.release(claim));
        }
    }

    private void onRefusal() {
        boolean hopeless;
        synchronized (this) {
            refusals++;
            hopeless = phase == Phase.ASKING && asked.size() - refusals < quorum.majority();
        }
        if (hopeless) {
            giveUp();
        }
    }

    private void confirm() {
        long token = Collections.max(grants.values());
        List<WatchedNode> behind = grants.entrySet().stream()
                .filter(grant -> grant.getValue() < token)
                .map(Map.Entry::getKey)
                .toList();
        if (behind.isEmpty()) {
            finish(token);
            return;
        }
        AtomicInteger missing = new AtomicInteger(behind.size());
        for (WatchedNode node : behind) {
            node.ask(n -> n.writeBack(claim, token))
                    .whenComplete((confirmed, failure) -> onConfirmed(token, missing, failure == null && confirmed));
        }
    }

    private void onConfirmed(long token, AtomicInteger missing, boolean confirmed) {
        if (!confirmed) {
            giveUp();
        } else if (missing.decrementAndGet() == 0) {
            finish(token);
        }
    }

    private void finish(long token) {
        HeldLease won = new HeldLease(quorum, claim, asked, token, begun);
        if (!won.isHeld()) {
            giveUp();
            return;
        }
        synchronized (this) {
            phase = Phase.WON;
            lease = won;
        }
        won.start();
        result.complete(Optional.of(won));
    }

    private void giveUp() {
        synchronized (this) {
            if (phase == Phase.OVER) {
                return;
            }
            phase = Phase.OVER;
        }
        quorum.release(claim, asked);
        result.complete(Optional.empty());
    }
}

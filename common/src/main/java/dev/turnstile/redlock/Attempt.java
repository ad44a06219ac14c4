package dev.turnstile.redlock;

import dev.turnstile.redlock.RedlockNode.Answer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One try to win a set of products, under an owner name of its own. It decides what to do next; {@link AttemptBatch} does
 * it.
 *
 * <p>All nodes are asked at once. The first majority M that grants fixes the token: the greatest counter in M. Nodes of
 * M that are behind are raised to it, each only while it still holds the keys for this attempt. Once all of M confirm,
 * and if validity is left, the lease begins; in every other case all keys are released, including later grants.
 *
 * <p>In the words of the specification: {@code Won} is {@link #confirm}, {@code WriteBack} and {@code Finish} are
 * {@link #onConfirmed}, {@code GiveUp} is {@link #giveUp}.
 */
final class Attempt {

    private enum Phase {
        ASKING,
        CONFIRMING,
        WON,
        OVER
    }

    /** What is to be sent next. */
    interface Next {

        /** Raise a node's counter to the attempt's token. */
        void writeBack(WatchedNode node, Attempt attempt);

        /** Release the claim on every node that was asked for it. */
        void release(LockRequest claim);

        /** Release it on one node, which granted it late. */
        void release(WatchedNode node, LockRequest claim);
    }

    private final Quorum quorum;
    private final LockRequest claim;
    private final List<WatchedNode> asked;
    private final long begun;
    private final CompletableFuture<Optional<HeldLease>> result = new CompletableFuture<>();

    // Guarded by this. Nodes and callers are never called under it.
    private Phase phase = Phase.ASKING;
    private final Map<WatchedNode, Long> grants = new LinkedHashMap<>();
    private int refusals;
    private long token;
    private int unconfirmed;
    private @Nullable HeldLease lease;

    /**
     * @param asked who is asked
     * @param begun when the first of them was
     */
    Attempt(Quorum quorum, LockRequest claim, List<WatchedNode> asked, long begun) {
        this.quorum = quorum;
        this.claim = claim;
        this.asked = asked;
        this.begun = begun;
    }

    /** Completes with the lease or empty; never exceptionally. */
    CompletionStage<Optional<HeldLease>> result() {
        return result;
    }

    LockRequest claim() {
        return claim;
    }

    synchronized long token() {
        return token;
    }

    void onAnswer(WatchedNode node, Answer answer, Next next) {
        if (answer instanceof Answer.Granted granted) {
            onGrant(node, granted.counter(), next);
        } else {
            onRefusal(next);
        }
    }

    private void onGrant(WatchedNode node, long counter, Next next) {
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
            confirm(next);
        } else if (unwanted) {
            // The release that was sent before may have overtaken the claim.
            next.release(node, claim);
        }
    }

    void onRefusal(Next next) {
        boolean hopeless;
        synchronized (this) {
            refusals++;
            hopeless = phase == Phase.ASKING && asked.size() - refusals < quorum.majority();
        }
        if (hopeless) {
            giveUp(next);
        }
    }

    private void confirm(Next next) {
        List<WatchedNode> behind;
        synchronized (this) {
            token = Collections.max(grants.values());
            behind = grants.entrySet().stream()
                    .filter(grant -> grant.getValue() < token)
                    .map(Map.Entry::getKey)
                    .toList();
            unconfirmed = behind.size();
        }
        if (behind.isEmpty()) {
            finish(next);
        } else {
            behind.forEach(node -> next.writeBack(node, this));
        }
    }

    void onConfirmed(boolean confirmed, Next next) {
        boolean all;
        synchronized (this) {
            all = confirmed && --unconfirmed == 0;
        }
        if (!confirmed) {
            giveUp(next);
        } else if (all) {
            finish(next);
        }
    }

    private void finish(Next next) {
        HeldLease won = new HeldLease(quorum, claim, asked, token(), begun);
        if (!won.isHeld()) {
            giveUp(next);
            return;
        }
        synchronized (this) {
            phase = Phase.WON;
            lease = won;
        }
        won.start();
        result.complete(Optional.of(won));
    }

    private void giveUp(Next next) {
        synchronized (this) {
            if (phase == Phase.OVER) {
                return;
            }
            phase = Phase.OVER;
        }
        next.release(claim);
        result.complete(Optional.empty());
    }
}

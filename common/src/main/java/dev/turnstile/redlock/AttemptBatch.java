package dev.turnstile.redlock;

import dev.turnstile.redlock.RedlockNode.Answer;
import dev.turnstile.redlock.RedlockNode.Confirmation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Tries that are made together: each node gets one message for all of them, and so do those that are to confirm or to
 * release. Otherwise they know nothing of each other: some may be won and others not.
 *
 * <p>In the words of the specification, {@link #start} is {@code Ask}.
 */
final class AttemptBatch {

    private final Quorum quorum;
    private final List<LockRequest> claims;
    private final long floor;
    private final Consumer<WatchedNode> onEmptyNode;
    private final List<WatchedNode> asked;
    private final List<Attempt> attempts;

    AttemptBatch(Quorum quorum, List<LockRequest> claims, long floor, Consumer<WatchedNode> onEmptyNode) {
        this.quorum = quorum;
        this.claims = claims;
        this.floor = floor;
        this.onEmptyNode = onEmptyNode;
        this.asked = quorum.reachable();
        long begun = quorum.timing().nanoTime();
        this.attempts = claims.stream()
                .map(claim -> new Attempt(quorum, claim, asked, begun))
                .toList();
    }

    /** Asks the nodes; each result completes with the lease or empty, and never exceptionally. */
    List<CompletionStage<Optional<HeldLease>>> start() {
        for (WatchedNode node : asked) {
            node.ask(n -> n.acquire(claims, floor), late -> onAnswers(node, late))
                    .whenComplete((answers, failure) -> {
                        if (failure == null) {
                            onAnswers(node, answers);
                        } else {
                            then(next -> attempts.forEach(attempt -> attempt.onRefusal(next)));
                        }
                    });
        }
        return attempts.stream().map(Attempt::result).toList();
    }

    private void onAnswers(WatchedNode node, List<Answer> answers) {
        if (answers.contains(new Answer.Empty())) {
            onEmptyNode.accept(node);
        }
        then(next -> {
            for (int i = 0; i < attempts.size(); i++) {
                attempts.get(i).onAnswer(node, answers.get(i), next);
            }
        });
    }

    /** Passes an event to the attempts, and sends together what they want sent. */
    private void then(Consumer<Attempt.Next> telling) {
        Outbox outbox = new Outbox();
        telling.accept(outbox);
        outbox.send();
    }

    private final class Outbox implements Attempt.Next {

        private final Map<WatchedNode, List<Attempt>> writeBacks = new LinkedHashMap<>();
        private final List<LockRequest> releases = new ArrayList<>();
        private final Map<WatchedNode, List<LockRequest>> lateGrants = new LinkedHashMap<>();

        @Override
        public void writeBack(WatchedNode node, Attempt attempt) {
            writeBacks.computeIfAbsent(node, key -> new ArrayList<>()).add(attempt);
        }

        @Override
        public void release(LockRequest claim) {
            releases.add(claim);
        }

        @Override
        public void release(WatchedNode node, LockRequest claim) {
            lateGrants.computeIfAbsent(node, key -> new ArrayList<>()).add(claim);
        }

        void send() {
            writeBacks.forEach((node, behind) -> node.ask(n -> n.writeBack(behind.stream()
                            .map(attempt -> new Confirmation(attempt.claim(), attempt.token()))
                            .toList()))
                    .whenComplete((confirmed, failure) -> then(next -> {
                        for (int i = 0; i < behind.size(); i++) {
                            behind.get(i).onConfirmed(failure == null && confirmed.get(i), next);
                        }
                    })));
            if (!releases.isEmpty()) {
                quorum.release(releases, asked);
            }
            lateGrants.forEach((node, unwanted) -> node.ask(n -> n.release(unwanted)));
        }
    }
}

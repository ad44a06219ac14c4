package dev.turnstile.redlock;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** One independent Redis master. Nothing here blocks; a stage fails when the node is down or too slow. */
interface RedlockNode {

    /** The node's answer to a claim. */
    sealed interface Answer {

        /** Every key of the claim is its owner's; the counter is greater than at any grant or confirmation before. */
        record Granted(long counter) implements Answer {}

        /** Another owner has one of the keys. */
        record Held() implements Answer {}

        /** The node has no counter, so it has lost its memory. */
        record Empty() implements Answer {}
    }

    /** What a node remembers. */
    sealed interface Memory {

        /** It has a counter. */
        record Seeded(long counter) implements Memory {}

        /**
         * It has none. The marker names this memory; it contains the caller's name if the caller was first to mark it.
         */
        record Marked(String marker) implements Memory {}
    }

    /** A claim and the token that its node is to confirm. */
    record Confirmation(LockRequest claim, long token) {}

    /** Takes the keys of each claim, all or none, with a counter above the floor; an answer for each. */
    CompletionStage<List<Answer>> acquire(List<LockRequest> claims, long floor);

    /** Raises the counter to each token whose claim's keys are still held; false for each where they are not. */
    CompletionStage<List<Boolean>> writeBack(List<Confirmation> confirmations);

    /** Starts the lease anew if the claim's keys are still held; false if they are not. */
    CompletionStage<Boolean> extend(LockRequest claim);

    /** Deletes the claims' keys, and no one else's. */
    CompletionStage<Void> release(List<LockRequest> claims);

    /** Reads the counter, and marks the node's memory with the name if there is neither counter nor valid marker. */
    CompletionStage<Memory> mark(String name);

    /** Installs the counter if the memory is still the marked one and has none; false if not. */
    CompletionStage<Boolean> seed(String marker, long counter);
}

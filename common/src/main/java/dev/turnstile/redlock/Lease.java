package dev.turnstile.redlock;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A set of products held for a time. It is extended until it is released or lost. */
public interface Lease {

    /**
     * The fencing token, below 2^53: greater than that of every acquisition which was complete before this one began,
     * and than that of every earlier holder of any of the products.
     */
    long token();

    /** What is held. */
    Set<Long> productIds();

    /** Whether it is neither released nor lost, and is valid at this moment. */
    boolean isHeld();

    /** The rest of its validity; zero once it is not held. */
    Duration remaining();

    /**
     * Completes when the lease is lost before it is released: work on the products must stop. Never completes
     * otherwise, and never exceptionally.
     */
    CompletionStage<Void> lost();

    /**
     * Gives the products back. Repeating it does nothing more.
     *
     * @return completes when most have answered or none is left to wait for; never exceptionally, as what could not be
     *     released expires
     */
    CompletionStage<Void> release();
}

package dev.turnstile.api.order;

import dev.turnstile.line.Draw;
import dev.turnstile.order.Decision;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that waits for the outcome of its order, without a thread. It ends once: by the outcome, by a
 * refusal, or with {@link IntakeResult.Waiting} when its time is over or the instance stops.
 */
final class WaitingRequest {

    private final UUID orderId;
    private final String digest;
    private final CompletableFuture<IntakeResult> end = new CompletableFuture<>();
    private final @Nullable WaitingRequest leader;
    private final CompletableFuture<Optional<IntakeResult>> settled = new CompletableFuture<>();
    private volatile boolean published;
    private volatile @Nullable Draw drawn;
    private volatile boolean decidedBefore;

    /**
     * @param digest of what was asked for
     * @param leader a request that waits for the outcome of the same order and publishes it, or null
     */
    WaitingRequest(UUID orderId, String digest, @Nullable WaitingRequest leader) {
        this.orderId = orderId;
        this.digest = digest;
        this.leader = leader;
        CompletionStage<Void> unused = end.thenAccept(reception -> settled.complete(Optional.of(reception)));
    }

    /** Who publishes the order instead of this request; null if that is for this one to do. */
    @Nullable WaitingRequest leader() {
        return leader;
    }

    /** Completes when it is known whether the order is accepted: empty if it is, else with how the request ended. */
    CompletionStage<Optional<IntakeResult>> settled() {
        return settled;
    }

    UUID orderId() {
        return orderId;
    }

    /** Completes with how the request ended; never exceptionally. */
    CompletionStage<IntakeResult> end() {
        return end;
    }

    /** Of what was asked for. */
    String digest() {
        return digest;
    }

    /** Notes the ticket of its order, which is returned if the wait ends without an outcome. */
    void drawn(Draw draw) {
        drawn = draw;
    }

    @Nullable Draw drawn() {
        return drawn;
    }

    /**
     * Whether another request for the same order came before this one.
     *
     * @param end how this one ended
     */
    boolean isRepeated(IntakeResult end) {
        return leader != null || (end instanceof IntakeResult.AskLedger asked && asked.repeated()) || isUnproven(end);
    }

    /** Whether this is an answer to another request for the same order, and the two were not compared. */
    boolean isUnproven(IntakeResult end) {
        if (leader != null) {
            return leader.isUnproven(end) || (drawn == null && decidedBefore);
        }
        if (!(end instanceof IntakeResult.Decided decided)) {
            return false;
        }
        Draw own = drawn;
        Long ticket = decided.decision().ticket();
        return own == null
                ? decidedBefore
                : !own.made() || !Objects.equals(ticket, own.ticket().number());
    }

    /**
     * Starts the clock. Only from now on may the wait end without an outcome: before, it is unknown whether the order
     * is accepted.
     */
    void published(Duration wait) {
        published = true;
        settled.complete(Optional.empty());
        if (wait.isNegative() || wait.isZero()) {
            giveUpWaiting();
        } else {
            end.completeOnTimeout(stillWaiting(), wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    boolean isPublished() {
        return published;
    }

    void end(IntakeResult reception) {
        end.complete(reception);
    }

    /**
     * Ends with an outcome.
     *
     * @param before whether the order was decided before the record that is answered was processed
     */
    void decided(Decision decision, boolean before) {
        if (before) {
            decidedBefore = true;
        }
        end.complete(new IntakeResult.Decided(decision));
    }

    void giveUpWaiting() {
        end.complete(stillWaiting());
    }

    private IntakeResult stillWaiting() {
        Draw own = drawn;
        return new IntakeResult.Waiting(orderId, own == null ? null : own.ticket(), null, null);
    }
}

package dev.turnstile.api.order;

import dev.turnstile.line.Ticket;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that waits for the outcome of its order, without a thread. It ends once: by the outcome, by a refusal,
 * or with {@link Reception.Waiting} when its time is over or the instance stops.
 */
final class WaitingRequest {

    private final UUID orderId;
    private final CompletableFuture<Reception> end = new CompletableFuture<>();
    private final @Nullable WaitingRequest leader;
    private final CompletableFuture<Optional<Reception>> settled = new CompletableFuture<>();
    private volatile boolean published;
    private volatile @Nullable Ticket ticket;

    /**
     * @param leader a request that waits for the outcome of the same order and publishes it, or null
     */
    WaitingRequest(UUID orderId, @Nullable WaitingRequest leader) {
        this.orderId = orderId;
        this.leader = leader;
        CompletionStage<Void> unused = end.thenAccept(reception -> settled.complete(Optional.of(reception)));
    }

    /** Who publishes the order instead of this request; null if that is for this one to do. */
    @Nullable WaitingRequest leader() {
        return leader;
    }

    /** Completes when it is known whether the order is accepted: empty if it is, else with how the request ended. */
    CompletionStage<Optional<Reception>> settled() {
        return settled;
    }

    UUID orderId() {
        return orderId;
    }

    /** Completes with how the request ended; never exceptionally. */
    CompletionStage<Reception> end() {
        return end;
    }

    /** Notes the ticket of its order, to be told when the wait ends without an outcome. */
    void drawn(Ticket drawn) {
        ticket = drawn;
    }

    @Nullable Ticket ticket() {
        return ticket;
    }

    /**
     * Starts the clock. Only from now on may the wait end without an outcome: before, nobody can say whether the order is
     * accepted.
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

    void end(Reception reception) {
        end.complete(reception);
    }

    void giveUpWaiting() {
        end.complete(stillWaiting());
    }

    private Reception stillWaiting() {
        return new Reception.Waiting(orderId, ticket, null, null);
    }
}

package dev.turnstile.api.order;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP request that waits for the outcome of its order, without a thread. It ends once: by the outcome, by a refusal,
 * or with {@link Reception.Waiting} when its time is over or the instance stops.
 */
final class WaitingRequest {

    private final UUID orderId;
    private final CompletableFuture<Reception> end = new CompletableFuture<>();
    private volatile boolean published;

    WaitingRequest(UUID orderId) {
        this.orderId = orderId;
    }

    UUID orderId() {
        return orderId;
    }

    /** Completes with how the request ended; never exceptionally. */
    CompletionStage<Reception> end() {
        return end;
    }

    /**
     * Starts the clock. Only from now on may the wait end without an outcome: before, nobody can say whether the order is
     * accepted.
     */
    void published(Duration wait) {
        published = true;
        if (wait.isNegative() || wait.isZero()) {
            giveUpWaiting();
        } else {
            end.completeOnTimeout(Reception.Waiting.of(orderId), wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    boolean isPublished() {
        return published;
    }

    void end(Reception reception) {
        end.complete(reception);
    }

    void giveUpWaiting() {
        end.complete(Reception.Waiting.of(orderId));
    }
}

package dev.turnstile.order;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of an order as the ledger holds it and as the reply topic carries it.
 *
 * @param orderId the order
 * @param mode how it was decided
 * @param ticket its ticket, or null in distributed mode
 * @param outcome what became of it
 * @param decidedAt when, by the deciding worker's clock
 */
public record Decision(UUID orderId, Mode mode, @Nullable Long ticket, Outcome outcome, Instant decidedAt) {

    /**
     * @throws NullPointerException if a part is missing that is not nullable
     */
    public Decision {
        requireNonNull(orderId, "a decision needs an orderId");
        requireNonNull(mode, "a decision needs a mode");
        requireNonNull(outcome, "a decision needs an outcome");
        requireNonNull(decidedAt, "a decision needs decidedAt");
    }
}

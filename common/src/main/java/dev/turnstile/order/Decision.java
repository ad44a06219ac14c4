package dev.turnstile.order;

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
public record Decision(UUID orderId, Mode mode, @Nullable Long ticket, Outcome outcome, Instant decidedAt) {}

package dev.turnstile.local.audit;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code orders}.
 *
 * @param lines empty where they can't be read
 * @param outcome null where it can't be read
 * @param unreadable what of it can't be read, or null
 */
record LedgerOrder(
        long commitSeq,
        UUID id,
        String mode,
        String status,
        List<Line> lines,
        @Nullable Outcome outcome,
        @Nullable Long ticket,
        long fence,
        boolean overtaken,
        Instant decidedAt,
        @Nullable String unreadable) {

    /** A line of an order; unlike those that are accepted, it may hold any number. */
    record Line(long productId, int quantity) {}

    boolean isFair() {
        return mode.equals(Mode.FAIR.name());
    }

    boolean isFulfilled() {
        return status.equals(Outcome.FULFILLED);
    }

    /** Whether it was decided under a right to the stock, and not rejected without reading it. */
    boolean hasFence() {
        return fence > 0;
    }

    /** Its ticket, where it is known to have one. */
    long ticketOrFail() {
        return Objects.requireNonNull(ticket);
    }

    /**
     * Those of the products held whose fence its row names. A claim of the line has one fence for all; a lease of
     * Redlock has a token for each product, of which the row names that of the lowest one.
     */
    List<Long> productsFenced() {
        long lowest = lines.stream().mapToLong(Line::productId).min().orElse(Long.MIN_VALUE);
        return productsHeld().stream()
                .filter(productId -> isFair() || productId == lowest)
                .toList();
    }

    /** Its products whose stock rows its run held; a product that was not known then had none. */
    List<Long> productsHeld() {
        Set<Long> unknown =
                outcome instanceof Outcome.UnknownProduct refused ? new HashSet<>(refused.productIds()) : Set.of();
        return lines.stream()
                .map(Line::productId)
                .filter(productId -> !unknown.contains(productId))
                .toList();
    }
}

package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.api.stock.LedgerCalls;
import dev.turnstile.line.Place;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out where an order stands.
 *
 * <p>The line is asked before the ledger: an order is committed before it leaves the line, so one that is in neither was
 * never there.
 */
final class OrderLookup {

    private final LedgerCalls ledger;
    private final LineCalls line;
    private final WaitingRequests waiting;

    OrderLookup(LedgerCalls ledger, LineCalls line, WaitingRequests waiting) {
        this.ledger = ledger;
        this.line = line;
        this.waiting = waiting;
    }

    /**
     * @return the order; fails with {@link ProblemType#UNKNOWN_ORDER}, or with {@link ProblemType#UNAVAILABLE} when the
     *     line would have to know and does not answer
     */
    CompletableFuture<OrderView> find(UUID orderId) {
        boolean awaitedHere = waiting.awaits(orderId);
        return inLine(orderId).thenCompose(found -> ledger.call(stored -> stored.find(orderId))
                .thenApply(decision -> decision.map(OrderView::of).orElseGet(() -> {
                    if (awaitedHere || found.place().isPresent()) {
                        Place place = found.place().orElse(null);
                        return OrderView.waiting(orderId, place == null ? null : place.ticket(), place);
                    }
                    throw found.answered()
                            ? new ProblemException(ProblemType.UNKNOWN_ORDER, "There is no order " + orderId + ".")
                            : new ProblemException(
                                    ProblemType.UNAVAILABLE,
                                    "The order is not decided, and the ticket line does not answer.");
                })));
    }

    private record InLine(boolean answered, Optional<Place> place) {}

    private CompletableFuture<InLine> inLine(UUID orderId) {
        return line.call(asked -> asked.place(orderId))
                .toCompletableFuture()
                .handle((place, failure) ->
                        failure == null ? new InLine(true, place) : new InLine(false, Optional.empty()));
    }
}

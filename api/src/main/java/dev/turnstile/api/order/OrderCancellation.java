package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.api.stock.LedgerExecutor;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.Run;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes orders from the line. That is a decision like any other, made in the ledger under the order's unique id: the
 * first to commit, this or the run that contains the order, decides. The ticket is removed afterwards. A client that
 * waits for the outcome through another instance is answered by the worker that keeps the order, which finds it
 * decided.
 */
final class OrderCancellation {

    private static final Logger log = LoggerFactory.getLogger(OrderCancellation.class);

    private final LedgerExecutor ledger;
    private final LineClient line;
    private final WaitingRequests waiting;
    private final OrderLookup lookup;

    OrderCancellation(LedgerExecutor ledger, LineClient line, WaitingRequests waiting, OrderLookup lookup) {
        this.ledger = ledger;
        this.line = line;
        this.waiting = waiting;
        this.lookup = lookup;
    }

    /**
     * Lets an order leave the line, if it is not yet decided.
     *
     * @return what was decided, now or before; fails with {@link ProblemType#UNKNOWN_ORDER}, with
     *     {@link ProblemType#NOT_IN_LINE} where it waits elsewhere, or with {@link ProblemType#UNAVAILABLE} when the
     *     line does not answer
     */
    CompletableFuture<Decision> cancel(UUID orderId) {
        boolean awaitedHere = waiting.awaits(orderId);
        return standing(orderId)
                .thenCompose(found -> found.map(this::leave).orElseGet(() -> ledger.call(stored -> stored.find(orderId))
                        .thenCompose(decision -> decision.map(CompletableFuture::completedFuture)
                                .orElseGet(() -> notInLine(orderId, awaitedHere)))));
    }

    private CompletableFuture<Decision> leave(TicketedOrder order) {
        Run.Entry entry = new Run.Entry(order.order(), order.ticket().number());
        return ledger.call(stored ->
                        stored.refuse(List.of(entry), new Outcome.Cancelled()).get(0))
                .thenCompose(decision -> {
                    waiting.decided(decision);
                    return line.call(asked -> asked.leave(order)).handle((done, failure) -> {
                        if (failure != null) {
                            OrderLog.about(log.atWarn(), decision.orderId(), decision.ticket())
                                    .log(
                                            "order {} is decided and stays in the line until a worker finds it: {}",
                                            decision.orderId(),
                                            failure.toString());
                        }
                        return decision;
                    });
                });
    }

    private CompletableFuture<Decision> notInLine(UUID orderId, boolean awaitedHere) {
        CompletableFuture<Boolean> waits =
                awaitedHere ? CompletableFuture.completedFuture(true) : lookup.isAccepted(orderId);
        return waits.thenApply(known -> {
            throw known
                    ? new ProblemException(
                            ProblemType.NOT_IN_LINE, "Order " + orderId + " is neither in the line nor decided.")
                    : new ProblemException(ProblemType.UNKNOWN_ORDER, "There is no order " + orderId + ".");
        });
    }

    private CompletableFuture<Optional<TicketedOrder>> standing(UUID orderId) {
        return line.call(asked -> asked.standing(orderId)).toCompletableFuture().exceptionallyCompose(failure -> {
            OrderLog.about(log.atWarn(), orderId, null)
                    .log("order {} can't leave the line now: {}", orderId, failure.toString());
            return CompletableFuture.failedFuture(
                    new ProblemException(ProblemType.UNAVAILABLE, "The ticket line does not answer."));
        });
    }
}

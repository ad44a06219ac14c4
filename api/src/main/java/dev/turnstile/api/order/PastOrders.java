package dev.turnstile.api.order;

import dev.turnstile.api.stock.LedgerExecutor;
import dev.turnstile.batch.BatchedCalls;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RecordedOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.springframework.beans.factory.DisposableBean;

/**
 * Asks the ledger for decided orders on behalf of requests whose idempotency key may have been used before. Many go in
 * one query, on one thread of its own, so that a crowd is not turned away where other calls of the ledger are bounded.
 * Bounded by the connections of the web server. Safe for use by any thread.
 */
final class PastOrders implements DisposableBean {

    /** Requests that one query is for. */
    private static final int ASKED_AT_ONCE = 100;

    private final LedgerExecutor ledger;
    private final BatchedCalls<List<UUID>, Map<UUID, RecordedOrder>> calls =
            new BatchedCalls<>(ASKED_AT_ONCE, this::recorded);

    PastOrders(Ledger ledger) {
        this.ledger = new LedgerExecutor(ledger, 1, 1);
    }

    /**
     * Those of the orders that are decided; others may be among them.
     *
     * @return fails when the ledger can't be asked
     */
    CompletableFuture<Map<UUID, RecordedOrder>> find(List<UUID> orderIds) {
        return calls.ask(orderIds);
    }

    private CompletableFuture<List<Map<UUID, RecordedOrder>>> recorded(List<List<UUID>> questions) {
        Set<UUID> orderIds = questions.stream().flatMap(List::stream).collect(Collectors.toSet());
        return ledger.call(stored -> stored.recorded(orderIds))
                .thenApply(found -> Collections.nCopies(questions.size(), found));
    }

    /** Whether more wait than one query is for. */
    boolean isBusy() {
        return calls.waiting() >= ASKED_AT_ONCE;
    }

    @Override
    public void destroy() {
        ledger.destroy();
    }
}

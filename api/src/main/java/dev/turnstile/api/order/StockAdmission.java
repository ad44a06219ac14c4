package dev.turnstile.api.order;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.stock.StockCache;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Turns distributed orders away for which there is not enough stock, as the line does with fair ones: by stock that the
 * ledger confirmed recently. It reads the cache only for products of which this instance rejected an order recently, so
 * it costs other orders nothing; if the cache does not answer, it admits the order.
 */
final class StockAdmission {

    /** For how long after a refusal the cache is asked. */
    static final Duration LATELY = Duration.ofSeconds(5);

    /** Products that are remembered at most. */
    private static final int MOST_PRODUCTS = 10_000;

    private final StockCache cache;
    private final OptionalRedisCalls line;
    private final Duration believedFor;
    private final LongSupplier nanoTime;

    /** When an order was last rejected for lack of a product. */
    private final Map<Long, Long> shortAt = new ConcurrentHashMap<>();

    /**
     * Makes a door.
     *
     * @param believedFor how long after its confirmation cached stock may reject an order; 0 disables early rejection
     * @param nanoTime a clock that never goes back
     */
    StockAdmission(StockCache cache, OptionalRedisCalls line, Duration believedFor, LongSupplier nanoTime) {
        this.cache = cache;
        this.line = line;
        this.believedFor = believedFor;
        this.nanoTime = nanoTime;
    }

    /**
     * What an order is refused for.
     *
     * @param lines one for each product
     * @return what is short, or nothing if the order may go on; never fails
     */
    CompletionStage<List<Shortage>> shortages(List<OrderLine> lines) {
        if (believedFor.isZero() || lines.stream().noneMatch(wanted -> wasShort(wanted.productId()))) {
            return CompletableFuture.completedStage(List.of());
        }
        return line.ask(() -> cache.shortages(lines, believedFor)).thenApply(told -> {
            List<Shortage> shortages = told.orElse(List.of());
            note(shortages);
            return shortages;
        });
    }

    /** Takes note of an outcome that came to this instance. */
    void decided(Decision decision) {
        if (decision.outcome() instanceof Outcome.OutOfStock outOfStock) {
            note(outOfStock.shortages());
        }
    }

    private void note(List<Shortage> shortages) {
        if (shortAt.size() > MOST_PRODUCTS) {
            shortAt.clear(); // a few more orders are decided by a worker
        }
        shortages.forEach(shortage -> shortAt.put(shortage.productId(), nanoTime.getAsLong()));
    }

    private boolean wasShort(long productId) {
        Long at = shortAt.get(productId);
        if (at == null) {
            return false;
        }
        if (nanoTime.getAsLong() - at > LATELY.toNanos()) {
            shortAt.remove(productId, at);
            return false;
        }
        return true;
    }
}

package dev.turnstile.stock;

import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Shortage;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Stock as last seen in the ledger: quick to read, never a reason to sell. */
public interface StockCache {

    /** Writes what the ledger committed; entries that hold a newer version stay as they are. */
    CompletionStage<Void> write(Collection<Stock> stocks);

    /**
     * Writes stock with the time since when it is known: admission may reject orders by it.
     *
     * @param since an answer of this method that was there before the stock was read; 0 if there was none
     * @return the time of the cache, in ms
     */
    CompletionStage<Long> write(Collection<Stock> stocks, long since);

    /**
     * Of what there are too few pieces.
     *
     * @param wanted one line for each product
     * @param believedFor only stock counts that was confirmed in this time
     * @return the shortages; empty if the stock is sufficient or unknown
     */
    CompletionStage<List<Shortage>> shortages(List<OrderLine> wanted, Duration believedFor);

    /** The cached quantities of those of the products that the cache has. */
    CompletionStage<Map<Long, Integer>> quantities(Collection<Long> productIds);
}

package dev.turnstile.stock;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Stock as last seen in the ledger: quick to read, never a reason to sell. */
public interface StockCache {

    /** Writes what the ledger committed; entries that hold a newer version stay as they are. */
    CompletionStage<Void> write(Collection<Stock> stocks);

    /** The cached quantities of those of the products that the cache has. */
    CompletionStage<Map<Long, Integer>> quantities(Collection<Long> productIds);
}

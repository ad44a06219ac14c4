package dev.turnstile.stock;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;

public interface StockCache {

    CompletionStage<Void> write(Collection<Stock> stocks);

    CompletionStage<Map<Long, Integer>> quantities(Collection<Long> productIds);
}

package dev.turnstile.stock;

import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.redisson.api.RBatch;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** The cache in the Redis of the ticket line, in the same slot as the line, so that the line's scripts reach it. */
public final class RedisStockCache implements StockCache {

    private static final RedisScript WRITE = RedisScript.load("stock-write");
    private static final String PREFIX = "turnstile:{line}:stock:";

    private final RedissonClient redis;

    public RedisStockCache(RedissonClient redis) {
        this.redis = redis;
    }

    /** The key of a product's entry: a hash with the fields quantity, version and confirmed. */
    public static String key(long productId) {
        return PREFIX + productId;
    }

    @Override
    public CompletionStage<Void> write(Collection<Stock> stocks) {
        if (stocks.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        List<String> keys = new ArrayList<>(stocks.size());
        List<Object> arguments = new ArrayList<>(2 * stocks.size());
        for (Stock stock : stocks) {
            keys.add(key(stock.productId()));
            arguments.add(stock.quantity());
            arguments.add(stock.version());
        }
        return WRITE.run(redis, keys, arguments.toArray()).thenRun(() -> {});
    }

    @Override
    public CompletionStage<Map<Long, Integer>> quantities(Collection<Long> productIds) {
        if (productIds.isEmpty()) {
            return CompletableFuture.completedFuture(Map.of());
        }
        List<Long> ids = List.copyOf(productIds);
        RBatch batch = redis.createBatch();
        List<CompletionStage<String>> cached = new ArrayList<>(ids.size());
        for (long id : ids) {
            cached.add(
                    batch.<String, String>getMap(key(id), StringCodec.INSTANCE).getAsync("quantity"));
        }
        return batch.executeAsync().thenApply(done -> {
            Map<Long, Integer> quantities = new HashMap<>();
            for (int i = 0; i < ids.size(); i++) {
                String quantity = cached.get(i).toCompletableFuture().join();
                if (quantity != null) {
                    quantities.put(ids.get(i), Integer.valueOf(quantity));
                }
            }
            return quantities;
        });
    }
}

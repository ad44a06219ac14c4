package dev.turnstile.stock;

import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Shortage;
import dev.turnstile.redis.RedisScript;
import java.time.Duration;
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
    private static final RedisScript SHORT = RedisScript.load("stock-short");
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
        return write(stocks, 0).thenAccept(time -> {});
    }

    @Override
    public CompletionStage<Long> write(Collection<Stock> stocks, long since) {
        if (stocks.isEmpty()) {
            return CompletableFuture.completedFuture(0L);
        }
        List<String> keys = new ArrayList<>(stocks.size());
        List<Object> arguments = new ArrayList<>(1 + 2 * stocks.size());
        arguments.add(since);
        for (Stock stock : stocks) {
            keys.add(key(stock.productId()));
            arguments.add(stock.quantity());
            arguments.add(stock.version());
        }
        return WRITE.run(redis, keys, arguments.toArray()).thenApply(answer -> (Long) answer.get(0));
    }

    @Override
    public CompletionStage<List<Shortage>> shortages(List<OrderLine> wanted, Duration believedFor) {
        List<String> keys = new ArrayList<>(wanted.size());
        List<Object> arguments = new ArrayList<>(1 + wanted.size());
        arguments.add(believedFor.toMillis());
        for (OrderLine line : wanted) {
            keys.add(key(line.productId()));
            arguments.add(line.quantity());
        }
        return SHORT.run(redis, keys, arguments.toArray()).thenApply(answer -> {
            List<Shortage> shortages = new ArrayList<>();
            for (int i = 0; i < wanted.size(); i++) {
                String available = (String) answer.get(i);
                if (!available.isEmpty()) {
                    OrderLine line = wanted.get(i);
                    shortages.add(new Shortage(line.productId(), line.quantity(), Integer.parseInt(available)));
                }
            }
            return shortages;
        });
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

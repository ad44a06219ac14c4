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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RBatch;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** The cache in the Redis of the ticket line, in the same slot as the line, so that the line's scripts reach it. */
public final class RedisStockCache implements StockCache {

    /** Entries that one call writes, so that it does not hold up Redis for long. */
    private static final int WRITTEN_AT_ONCE = 1000;

    private static final RedisScript WRITE = RedisScript.load("line", "stock-write");
    private static final RedisScript SHORT = RedisScript.load("line", "stock-short");
    private static final RedisScript READ = RedisScript.load("line", "stock-read");
    private static final RedisScript MEND = RedisScript.load("line", "stock-mend");
    private static final String QUANTITY = "quantity";
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
        List<Stock> all = List.copyOf(stocks);
        CompletionStage<Long> time = CompletableFuture.completedFuture(0L);
        for (int from = 0; from < all.size(); from += WRITTEN_AT_ONCE) {
            List<Stock> some = all.subList(from, Math.min(from + WRITTEN_AT_ONCE, all.size()));
            time = time.thenCompose(before -> writeInOneCall(some, since));
        }
        return time;
    }

    private CompletionStage<Long> writeInOneCall(List<Stock> stocks, long since) {
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
                    batch.<String, String>getMap(key(id), StringCodec.INSTANCE).getAsync(QUANTITY));
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

    /**
     * The fields of an entry as text: they may be anything, and both are missing where there is no entry.
     *
     * @param quantity null if it is missing
     * @param version null if it is missing
     */
    record Entry(@Nullable String quantity, @Nullable String version) {}

    /**
     * An entry that differs from the ledger.
     *
     * @param seen what stood there when it was compared
     * @param stock what the ledger held after that
     */
    record Correction(Entry seen, Stock stock) {}

    /** The entries of some products, in their order. */
    CompletionStage<List<Entry>> entries(List<Long> productIds) {
        if (productIds.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        List<String> keys = productIds.stream().map(RedisStockCache::key).toList();
        return READ.run(redis, keys).thenApply(fields -> IntStream.range(0, keys.size())
                .mapToObj(i -> new Entry(field(fields.get(2 * i)), field(fields.get(2 * i + 1))))
                .toList());
    }

    /**
     * Puts entries right, each only if it still is as it was compared.
     *
     * @return for each of them whether it was done
     */
    CompletionStage<List<Boolean>> mend(List<Correction> corrections) {
        if (corrections.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        List<String> keys = new ArrayList<>(corrections.size());
        List<Object> arguments = new ArrayList<>(4 * corrections.size());
        for (Correction correction : corrections) {
            Stock stock = correction.stock();
            keys.add(key(stock.productId()));
            arguments.add(text(correction.seen().quantity()));
            arguments.add(text(correction.seen().version()));
            arguments.add(stock.quantity());
            arguments.add(stock.version());
        }
        return MEND.run(redis, keys, arguments.toArray())
                .thenApply(done -> done.stream().map(Long.valueOf(1)::equals).toList());
    }

    private static @Nullable String field(Object text) {
        return text.equals("") ? null : text.toString();
    }

    private static String text(@Nullable String field) {
        return field == null ? "" : field;
    }
}

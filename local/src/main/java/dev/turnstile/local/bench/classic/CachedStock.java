package dev.turnstile.local.bench.classic;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** Stock in Redis, a plain number per product, by which the classic way decides. */
final class CachedStock {

    private static final String PREFIX = "classic:stock:";

    private final RedissonClient redis;

    CachedStock(RedissonClient redis) {
        this.redis = redis;
    }

    /** One MGET; products that are not cached are left out. */
    CompletableFuture<Map<Long, Integer>> quantities(List<Long> productIds) {
        String[] keys = productIds.stream().map(id -> PREFIX + id).toArray(String[]::new);
        return redis.getBuckets(StringCodec.INSTANCE)
                .<String>getAsync(keys)
                .thenApply(texts -> {
                    Map<Long, Integer> quantities = new HashMap<>();
                    texts.forEach((key, text) ->
                            quantities.put(Long.valueOf(key.substring(PREFIX.length())), Integer.valueOf(text)));
                    return quantities;
                })
                .toCompletableFuture();
    }

    /** One MSET. */
    CompletableFuture<Void> set(Map<Long, Integer> quantities) {
        Map<String, String> texts = new HashMap<>();
        quantities.forEach((id, quantity) -> texts.put(PREFIX + id, quantity.toString()));
        return redis.getBuckets(StringCodec.INSTANCE).setAsync(texts).toCompletableFuture();
    }
}

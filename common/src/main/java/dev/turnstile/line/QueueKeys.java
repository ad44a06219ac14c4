package dev.turnstile.line;

import dev.turnstile.stock.RedisStockCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The keys of a script that works on several orders: some of its own, then the queue of each product once, followed by
 * the product's cache entry where the script wants it.
 */
final class QueueKeys {

    private final List<String> keys;
    private final Map<Long, Integer> positions = new LinkedHashMap<>();

    private final boolean stock;

    QueueKeys(String... first) {
        this(false, first);
    }

    private QueueKeys(boolean stock, String... first) {
        this.keys = new ArrayList<>(List.of(first));
        this.stock = stock;
    }

    static QueueKeys withStock(String... first) {
        return new QueueKeys(true, first);
    }

    /**
     * Where in {@code KEYS}, from 1, the queues of these products are, joined by commas; those that are new are added.
     */
    String positions(Collection<Long> productIds) {
        return productIds.stream()
                .map(productId -> positions.computeIfAbsent(productId, id -> {
                    keys.add(LineKeys.queue(id));
                    int position = keys.size();
                    if (stock) {
                        keys.add(RedisStockCache.key(id));
                    }
                    return position;
                }))
                .map(String::valueOf)
                .collect(Collectors.joining(","));
    }

    /** The products whose queues were added, in their order in {@code KEYS}. */
    Set<Long> productIds() {
        return positions.keySet();
    }

    List<String> all() {
        return keys;
    }
}

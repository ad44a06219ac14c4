package dev.turnstile.local.audit;

import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.stock.RedisStockCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RBatch;
import org.redisson.api.RFuture;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.KeysScanOptions;
import org.redisson.client.RedisException;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.ScoredEntry;

/**
 * Reads the keys of the line and of the stock cache themselves, with commands that change nothing and block no client:
 * large keys are scanned. All methods throw a {@link UserError} when Redis fails.
 */
final class RedisKeys implements AutoCloseable {

    private static final String LINE = "turnstile:{line}:";
    private static final String STATE = LINE + "state";
    private static final String QUEUE = LINE + "queue:";
    private static final String CACHE =
            RedisStockCache.key(0).substring(0, RedisStockCache.key(0).length() - 1);

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int SCANNED_AT_ONCE = 1000;
    private static final int READ_AT_ONCE = 500;

    private final String address;
    private final LongPredicate products;
    private final RedissonClient redis;

    /**
     * A cache entry in Redis.
     *
     * @param quantity null where there is none
     * @param version null where none stands
     */
    record CacheEntry(@Nullable String quantity, @Nullable String version) {}

    /**
     * Connects.
     *
     * @param products only these are looked at
     */
    RedisKeys(ServerAddresses servers, LongPredicate products) {
        this.address = servers.lineRedisShown();
        this.products = products;
        this.redis = reading(address, () -> RedisClients.connect(servers.lineRedis(), TIMEOUT));
    }

    /** The line, of which the queues of other products are left out. */
    LineState line() {
        return reading(address, () -> {
            Map<String, LineState.Entry> tickets = new HashMap<>();
            scanHash(LINE + "tickets").forEach((ticket, record) -> tickets.put(ticket, LineState.Entry.read(record)));
            Map<String, String> orders = scanHash(LINE + "orders");
            Map<Long, Map<String, Double>> queues = new HashMap<>();
            for (long productId : productsWith(QUEUE)) {
                queues.put(productId, scanSet(QUEUE + productId));
            }
            Map<String, List<String>> runs = new HashMap<>();
            scanHash(LINE + "runs").forEach((fence, run) -> runs.put(fence, productsOfRun(run)));
            Map<String, String> keepers = new HashMap<>();
            scanHash(LINE + "parked").forEach((ticket, entry) -> keepers.put(ticket, beforeLast('|', entry)));
            return new LineState(
                    nowMs(),
                    scanHash(STATE),
                    orders,
                    tickets,
                    queues,
                    keepers,
                    scanSet(LINE + "heads"),
                    scanSet(LINE + "unparked"),
                    scanHash(LINE + "held"),
                    scanSet(LINE + "claims"),
                    runs);
        });
    }

    /** Of {@code product:orders:last ticket,…|first tickets} the products. */
    private static List<String> productsOfRun(String run) {
        return Arrays.stream(beforeLast('|', run).split(","))
                .map(part -> part.substring(0, Math.max(0, part.indexOf(':'))))
                .filter(product -> !product.isEmpty())
                .toList();
    }

    private static String beforeLast(char separator, String text) {
        return text.substring(0, Math.max(0, text.lastIndexOf(separator)));
    }

    /** Epoch, sequence and fence of the line. */
    Map<String, String> state() {
        return reading(address, () -> scanHash(STATE));
    }

    /** Orders rejected at admission: the first of each product and version, the oldest first. */
    List<AdmissionRejection> admissionRejections() {
        return reading(address, () -> redis.<String>getList(LINE + "refused", StringCodec.INSTANCE).readAll().stream()
                .map(AdmissionRejection::read)
                .filter(refusal -> products.test(refusal.productId()))
                .toList());
    }

    /** The products that have a cache entry. */
    Set<Long> cachedProducts() {
        return reading(address, () -> productsWith(CACHE));
    }

    /** The cache entries of products; both fields are missing where there is none. */
    Map<Long, CacheEntry> cache(Collection<Long> productIds) {
        return reading(address, () -> {
            Map<Long, CacheEntry> entries = new HashMap<>();
            List<Long> ids = List.copyOf(productIds);
            for (int from = 0; from < ids.size(); from += READ_AT_ONCE) {
                List<Long> some = ids.subList(from, Math.min(from + READ_AT_ONCE, ids.size()));
                RBatch batch = redis.createBatch();
                List<RFuture<Map<String, String>>> answers = new ArrayList<>(some.size());
                for (long id : some) {
                    answers.add(batch.<String, String>getMap(RedisStockCache.key(id), StringCodec.INSTANCE)
                            .getAllAsync(Set.of("quantity", "version")));
                }
                batch.execute();
                for (int i = 0; i < some.size(); i++) {
                    Map<String, String> fields =
                            answers.get(i).toCompletableFuture().join();
                    entries.put(some.get(i), new CacheEntry(fields.get("quantity"), fields.get("version")));
                }
            }
            return entries;
        });
    }

    private Set<Long> productsWith(String prefix) {
        Set<Long> found = new HashSet<>();
        KeysScanOptions all = KeysScanOptions.defaults().pattern(prefix + "*").chunkSize(SCANNED_AT_ONCE);
        for (String key : redis.getKeys().getKeys(all)) {
            String id = key.substring(prefix.length());
            if (id.matches("\\d{1,18}") && products.test(Long.parseLong(id))) {
                found.add(Long.valueOf(id));
            }
        }
        return found;
    }

    private long nowMs() {
        List<Object> time = redis.getScript(StringCodec.INSTANCE)
                .eval(RScript.Mode.READ_ONLY, "return redis.call('TIME')", RScript.ReturnType.LIST, List.of(STATE));
        return Long.parseLong(time.get(0).toString()) * 1000
                + Long.parseLong(time.get(1).toString()) / 1000;
    }

    private Map<String, String> scanHash(String key) {
        Map<String, String> hash = new HashMap<>();
        redis.<String, String>getMap(key, StringCodec.INSTANCE)
                .entrySet(SCANNED_AT_ONCE)
                .forEach(entry -> hash.put(entry.getKey(), entry.getValue()));
        return hash;
    }

    private Map<String, Double> scanSet(String key) {
        Map<String, Double> set = new HashMap<>();
        Iterator<ScoredEntry<String>> members =
                redis.<String>getScoredSortedSet(key, StringCodec.INSTANCE).entryIterator(SCANNED_AT_ONCE);
        members.forEachRemaining(member -> set.put(member.getValue(), member.getScore()));
        return set;
    }

    private static <T> T reading(String address, Supplier<T> read) {
        try {
            return read.get();
        } catch (RedisException e) {
            throw new UserError("the line can't be read from " + address + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        redis.shutdown();
    }
}

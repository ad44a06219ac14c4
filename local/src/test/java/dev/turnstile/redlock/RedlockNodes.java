package dev.turnstile.redlock;

import dev.turnstile.local.server.SharedStack;
import dev.turnstile.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.redisson.api.RBucket;
import org.redisson.api.RKeys;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** The stack's Redlock masters, watched and spoiled from outside of Redlock. */
final class RedlockNodes implements AutoCloseable {

    static final Duration LEASE = Duration.ofMillis(1_500);

    final RedlockProperties properties;

    /**
     * Of the whole run, for the masters are: begun anew it would name the first epoch twice, which is never waited for.
     */
    private static final AtomicLong EPOCH = new AtomicLong(EpochSource.FIRST);

    private final RedlockClients redlockClients;
    private final List<RedissonClient> clients;

    RedlockNodes() {
        List<URI> uris = SharedStack.get().addresses().redlockNodes();
        properties = new RedlockProperties(
                uris.stream().map(RedisAddress::of).toList(),
                LEASE,
                LEASE,
                0.01,
                10_000,
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofMillis(300),
                Duration.ofMillis(500));
        redlockClients = new RedlockClients(properties);
        clients = redlockClients.clients();
    }

    /** A Redlock like that of a process of its own, whose nodes are seeded. */
    Redlock connect() {
        Redlock redlock = Redlock.connect(properties, EPOCH::incrementAndGet);
        Lease lease = redlock.acquire(List.of(1L), LEASE.multipliedBy(6))
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join()
                .orElseThrow();
        lease.release().toCompletableFuture().join();
        return redlock;
    }

    int size() {
        return clients.size();
    }

    void holdForAnother(int node, long product, Duration duration) {
        clients.get(node)
                .<String>getBucket("turnstile:lock:" + product, StringCodec.INSTANCE)
                .set("another", duration);
    }

    void writeForGood(int node, long product, String value) {
        clients.get(node)
                .<String>getBucket("turnstile:lock:" + product, StringCodec.INSTANCE)
                .set(value);
    }

    void writeList(int node, long product) {
        clients.get(node)
                .<String>getList("turnstile:lock:" + product, StringCodec.INSTANCE)
                .add("of another program");
    }

    boolean holds(int node, long product) {
        return clients.get(node)
                .getBucket("turnstile:lock:" + product, StringCodec.INSTANCE)
                .isExists();
    }

    boolean isSeeded(int node) {
        return fence(node).isExists();
    }

    long counter(int node) {
        return Long.parseLong(fence(node).get());
    }

    /** Writes something else into it; a list if that is nothing. */
    void damageCounter(int node, String value) {
        if (value.isEmpty()) {
            fence(node).delete();
            clients.get(node)
                    .<String>getList("turnstile:lock-fence", StringCodec.INSTANCE)
                    .add("of another program");
        } else {
            fence(node).set(value);
        }
    }

    private RBucket<String> fence(int node) {
        return clients.get(node).getBucket("turnstile:lock-fence", StringCodec.INSTANCE);
    }

    void flush(int node) {
        RKeys keys = clients.get(node).getKeys();
        keys.flushall();
    }

    @Override
    public void close() {
        redlockClients.close();
    }
}

package dev.turnstile.local.bench.contender;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.redis.RedisAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.redisson.Redisson;
import org.redisson.RedissonMultiLock;
import org.redisson.RedissonRedLock;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson's own locks, with Redisson's defaults: no lease time, so the watchdog renews what is held. Locks of several
 * products are taken in ascending order.
 */
final class RedissonGate implements Gate {

    private static final String PREFIX = "bench:lock:";

    /** Redisson's default, which is more than 8 threads need. */
    private static final int FEWEST_CONNECTIONS = 64;

    /** Each thread has a command under way; its lock's renewal and the like want some more. */
    private static final int MORE_CONNECTIONS = 16;

    /** Which of its locks. */
    enum Kind {
        /** {@code RLock} on one Redis. */
        LOCK,
        /** {@code RFairLock} on one Redis: first come, first served. */
        FAIR_LOCK,
        /** {@code RedissonRedLock} over the independent masters. */
        RED_LOCK
    }

    private final List<RedissonClient> clients;
    private final Function<String, RLock> locks;

    private RedissonGate(List<RedissonClient> clients, Function<String, RLock> locks) {
        this.clients = clients;
        this.locks = locks;
    }

    /** Connects, for so many threads at once. */
    static RedissonGate open(Kind kind, ServerAddresses servers, int threads) {
        List<URI> addresses = kind == Kind.RED_LOCK ? servers.redlockNodes() : List.of(servers.lineRedis());
        List<RedissonClient> clients =
                addresses.stream().map(address -> connect(address, threads)).toList();
        return new RedissonGate(
                clients,
                switch (kind) {
                    case LOCK -> clients.get(0)::getLock;
                    case FAIR_LOCK -> clients.get(0)::getFairLock;
                    case RED_LOCK -> name -> redLock(name, clients);
                });
    }

    private static RedissonClient connect(URI address, int threads) {
        Config config = new Config();
        RedisAddress.of(address)
                .useAlone(config)
                .setConnectionPoolSize(Math.max(FEWEST_CONNECTIONS, threads + MORE_CONNECTIONS));
        return Redisson.create(config);
    }

    @SuppressWarnings("deprecation")
    private static RLock redLock(String name, List<RedissonClient> clients) {
        return new RedissonRedLock(
                clients.stream().map(client -> client.getLock(name)).toArray(RLock[]::new));
    }

    private RLock lock(List<Long> productIds) {
        RLock[] each = productIds.stream().map(id -> locks.apply(PREFIX + id)).toArray(RLock[]::new);
        return each.length == 1 ? each[0] : new RedissonMultiLock(each);
    }

    @Override
    public boolean pass(List<Long> productIds, Duration patience, Work work) throws Exception {
        RLock lock = lock(productIds);
        if (!lock.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return false;
        }
        try {
            work.run();
        } finally {
            lock.unlock();
        }
        return true;
    }

    @Override
    public void close() {
        clients.forEach(RedissonClient::shutdown);
    }
}

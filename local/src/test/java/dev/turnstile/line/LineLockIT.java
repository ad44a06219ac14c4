package dev.turnstile.line;

import dev.turnstile.local.server.SharedStack;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.redlock.ProductLock;
import dev.turnstile.redlock.ProductLockContractTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.redisson.api.RedissonClient;

/**
 * The line's claims keep what every lock of products keeps, on a real Redis that no running worker uses for its line.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LineLockIT extends ProductLockContractTest {

    private final List<RedissonClient> clients = new ArrayList<>();
    private final List<LineLock> processes = new ArrayList<>();
    private final ScheduledExecutorService rechecks = Executors.newSingleThreadScheduledExecutor();
    private @Nullable ScheduledFuture<?> recheck;

    @BeforeAll
    void connect() {
        LineProperties properties =
                LineIT.properties(SharedStack.get().addresses().redlockNodes().subList(0, 1));
        AtomicLong epochs = new AtomicLong();
        for (int process = 0; process < 2; process++) {
            RedissonClient client = RedisClients.connect(properties.redis(), properties.redisTimeout());
            if (process == 0) {
                client.getKeys().deleteByPattern("turnstile:{line}:*");
            }
            clients.add(client);
            LineRedis redis = new LineRedis(client, (mark, known) -> epochs.incrementAndGet(), LineIT.INSTALLATION);
            LineHeads heads = worker -> new LineHead(redis, properties, worker);
            if (process == 0) {
                LineIT.makeWhole(heads.of("lock"));
            }
            String name = "lock-" + process;
            processes.add(new LineLock(
                    new RedisTicketLine(redis, properties, name, LineIT.REQUESTS), heads, properties, name));
        }
        long interval = properties.recheckInterval().toMillis();
        recheck = rechecks.scheduleWithFixedDelay(
                () -> processes.forEach(LineLock::recheck), interval, interval, TimeUnit.MILLISECONDS);
    }

    @AfterAll
    void disconnect() {
        if (recheck != null) {
            recheck.cancel(false);
        }
        rechecks.shutdown();
        clients.get(0).getKeys().deleteByPattern("turnstile:{line}:*");
        clients.forEach(RedissonClient::shutdown);
    }

    @Override
    protected ProductLock lock(int process) {
        return processes.get(process);
    }
}

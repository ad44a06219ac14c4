package dev.turnstile.local.bench.classic;

import com.zaxxer.hikari.HikariDataSource;
import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.local.bench.contender.LedgerConnections;
import dev.turnstile.local.bench.contender.OrderTransaction;
import dev.turnstile.local.bench.contender.StockQuantities;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.StockLevel;
import dev.turnstile.stock.StockAllocator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.redisson.api.RedissonClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a consumer of the classic way does with an order: win the lock, decide by the cached stock, write it back, give
 * the lock back, and only then store stock and order in MySQL. No thread waits for a lock; as many orders are under way
 * as come.
 *
 * <p>Its guarantees end here: the cache is authoritative, and between release and commit the database disagrees with
 * it. A consumer that dies there has sold what was never stored.
 */
final class Shop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Shop.class);

    /** What mysql2's pool has by default. */
    private static final int DATABASE_CONNECTIONS = 10;

    private final Map<Mode, ClassicLock> locks;
    private final CachedStock cache;
    private final HikariDataSource database;
    private final ExecutorService databaseThreads = Executors.newFixedThreadPool(DATABASE_CONNECTIONS, task -> {
        Thread thread = new Thread(task, "classic-database");
        thread.setDaemon(true);
        return thread;
    });
    private final LongAdder retries = new LongAdder();

    /**
     * Connects to the database.
     *
     * @param redis with the cached stock; the caller's to close
     * @param locks one per mode; closed with this
     */
    Shop(ServerAddresses servers, RedissonClient redis, Map<Mode, ClassicLock> locks) {
        this.locks = Map.copyOf(locks);
        this.cache = new CachedStock(redis);
        this.database = LedgerConnections.pool(servers, DATABASE_CONNECTIONS);
    }

    /** Decides and stores an order. Whatever goes wrong becomes an outcome, which is not stored then. */
    CompletableFuture<Outcome> serve(Order order) {
        ClassicLock lock = locks.get(order.mode());
        if (lock == null) {
            throw new IllegalStateException("no lock for " + order.mode());
        }
        return lock.acquire(order.id(), order.productIds())
                .thenCompose(held -> decide(order, held))
                .thenCompose(outcome -> inDatabase(transaction -> transaction.store(order, outcome)))
                .exceptionally(failure -> unavailable(order, failure));
    }

    private CompletableFuture<Outcome> decide(Order order, ClassicLock.Held held) {
        CompletableFuture<Outcome> decided = decide(order);
        // Released also if it could not be decided.
        return decided.handle((outcome, failure) -> held)
                .thenCompose(ClassicLock.Held::release)
                .thenCompose(released -> decided);
    }

    /** Under the lock. */
    private CompletableFuture<Outcome> decide(Order order) {
        return quantities(order.productIds()).thenCompose(quantities -> {
            Outcome outcome = new StockAllocator(quantities).serve(order);
            if (outcome instanceof Outcome.Fulfilled fulfilled) {
                Map<Long, Integer> left = fulfilled.stocks().stream()
                        .collect(Collectors.toMap(StockLevel::productId, StockLevel::quantity));
                return cache.set(left).thenApply(written -> outcome);
            }
            return CompletableFuture.completedFuture(outcome);
        });
    }

    private CompletableFuture<Map<Long, Integer>> quantities(List<Long> productIds) {
        return cache.quantities(productIds).thenCompose(cached -> {
            List<Long> missing =
                    productIds.stream().filter(id -> !cached.containsKey(id)).toList();
            if (missing.isEmpty()) {
                return CompletableFuture.completedFuture(cached);
            }
            return onDatabaseThread(connection -> StockQuantities.read(connection, missing))
                    .thenApply(stored -> {
                        Map<Long, Integer> all = new HashMap<>(cached);
                        all.putAll(stored);
                        return all;
                    });
        });
    }

    private CompletableFuture<Outcome> inDatabase(Query<OrderTransaction, Outcome> work) {
        return onDatabaseThread(connection -> {
            try (OrderTransaction transaction = new OrderTransaction(connection, retries)) {
                return work.run(transaction);
            }
        });
    }

    @FunctionalInterface
    private interface Query<S, T> {
        T run(S source) throws SQLException;
    }

    private <T> CompletableFuture<T> onDatabaseThread(Query<Connection, T> query) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Connection connection = database.getConnection()) {
                        return query.run(connection);
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                databaseThreads);
    }

    private static Outcome unavailable(Order order, Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        if (!(cause instanceof ClassicLock.NotWonException)) {
            log.warn("order {} failed", order.id(), cause);
        }
        return new Outcome.Unavailable(String.valueOf(cause.getMessage()));
    }

    @Override
    public void close() {
        locks.values().forEach(ClassicLock::close);
        databaseThreads.shutdown();
        database.close();
    }
}

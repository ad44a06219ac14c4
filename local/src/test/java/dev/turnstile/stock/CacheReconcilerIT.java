package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.OrderLine;
import dev.turnstile.redis.RedisClients;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.client.codec.StringCodec;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The reconciler on a real ledger, and on a Redis that no worker uses for its cache. The ledger may hold the products
 * of other tests; those of these are {@code a} and {@code b}.
 */
class CacheReconcilerIT {

    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(5_000_000);
    private static final long NOBODYS_PRODUCT = 5_999_999;

    private static JdbcTemplate jdbc;
    private static JdbcLedger ledger;
    private static RedissonClient redis;
    private static RedisStockCache cache;

    private final Map<Long, CacheDifference> mended = new ConcurrentHashMap<>();
    private long a;
    private long b;

    @BeforeAll
    static void connect() {
        ServerAddresses servers = SharedStack.get().addresses();
        DriverManagerDataSource dataSource =
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        Flyway.configure().dataSource(dataSource).load().migrate();
        jdbc = new JdbcTemplate(dataSource);
        ledger = new JdbcLedger(dataSource, new DataSourceTransactionManager(dataSource), Clock.systemUTC());
        redis = RedisClients.connect(servers.redlockNodes().get(0), Duration.ofSeconds(5));
        cache = new RedisStockCache(redis);
    }

    @AfterAll
    static void disconnect() {
        redis.shutdown();
    }

    @BeforeEach
    void stock() throws InterruptedException {
        a = NEXT_PRODUCT.incrementAndGet();
        b = NEXT_PRODUCT.incrementAndGet();
        ledger.setStock(a, 5);
        ledger.setStock(b, 7);
        reconcile();
        mended.clear();
    }

    @AfterEach
    void clean() {
        redis.getKeys().deleteByPattern("turnstile:{line}:stock:*");
        jdbc.update("DELETE FROM stock WHERE product_id IN (?, ?)", a, b);
        jdbc.update("DELETE FROM stock_changes WHERE product_id IN (?, ?)", a, b);
    }

    @Test
    void warmsUpACacheThatForgotEverything() throws InterruptedException {
        redis.getKeys().deleteByPattern("turnstile:{line}:stock:*");
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.MISSING).containsEntry(b, CacheDifference.MISSING);
        for (Stock stock : ledger.stocks(0, Integer.MAX_VALUE)) {
            assertThat(entry(stock.productId())).containsEntry("version", Long.toString(stock.version()));
        }
    }

    @Test
    void aCacheThatIsRightIsLeftAlone() throws InterruptedException {
        entry(a).put("confirmed", "123");
        reconcile();
        assertThat(mended).doesNotContainKeys(a, b);
        assertThat(entry(a)).containsEntry("confirmed", "123");
    }

    @Test
    void anEntryThatIsGoneIsWrittenAgain() throws InterruptedException {
        redis.getKeys().delete(RedisStockCache.key(a));
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.MISSING).doesNotContainKey(b);
    }

    @Test
    void aQuantityThatWasDroppedOnDoubtIsWrittenAgain() throws InterruptedException {
        entry(a).remove("quantity");
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.MISSING);
    }

    @Test
    void anotherQuantityAtTheSameVersionIsPutRightAndRefusesNobody() throws InterruptedException {
        entry(a).put("quantity", "0");
        entry(a).put("confirmed", "99999999999999");
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(entry(a)).doesNotContainKey("confirmed");
        assertThat(mended).containsEntry(a, CacheDifference.WRONG);
    }

    @Test
    void anEntryThatStaysBehindIsBroughtUp() throws InterruptedException {
        ledger.setStock(a, 3);
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 3, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.BEHIND);
    }

    @Test
    void whatCannotBeReadIsPutRight() throws InterruptedException {
        entry(a).put("version", "one");
        entry(b).put("quantity", "seven");
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.WRONG).containsEntry(b, CacheDifference.WRONG);
    }

    /** One such key once kept the entries of all products behind it from being looked after. */
    @Test
    void anEntryOfAnotherTypeIsWrittenAgain() throws InterruptedException {
        entry(a).delete();
        redis.getBucket(RedisStockCache.key(a), StringCodec.INSTANCE).set("not ours");
        entry(b).put("quantity", "9");
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
        assertThat(mended).containsEntry(a, CacheDifference.MISSING).containsEntry(b, CacheDifference.WRONG);
    }

    /** A restored backup: without this all later writes would be refused until the row comes to the cached version. */
    @Test
    void anEntryOfAVersionThatTheLedgerNeverHadGivesWay() throws InterruptedException {
        entry(a).put("version", "41");
        reconcile();
        assertThat(entry(a)).containsEntry("version", "1").containsEntry("quantity", "5");
        assertThat(mended).containsEntry(a, CacheDifference.AHEAD);
    }

    /** A version committed and cached after the row was read is newer, and right. */
    @Test
    void aNewerEntryThatTheLedgerKnowsByNowStays() throws InterruptedException {
        reconcile(
                afterEach(page -> page.getName().equals("stocks") && page.getParameterCount() == 2, () -> restock(9)));
        assertThat(cached()).isEqualTo(Map.of(a, 9, b, 7));
        assertThat(mended).doesNotContainKey(a);
    }

    @Test
    void whatIsWrittenMeanwhileIsNotOverwritten() throws InterruptedException {
        entry(a).put("quantity", "1");
        reconcile(afterEach(second -> second.getName().equals("stocks") && second.getParameterCount() == 1, () -> {
            restock(9);
            ledger.setStock(a, 2); // not cached yet
        }));
        assertThat(cached()).isEqualTo(Map.of(a, 9, b, 7));
        assertThat(mended).doesNotContainKey(a);
        reconcile();
        assertThat(cached()).isEqualTo(Map.of(a, 2, b, 7));
    }

    /** Beside the cache stand requests by the million. */
    @Test
    void asksRedisForTheEntriesOfTheLedgersProductsAlone() throws InterruptedException {
        entry(NOBODYS_PRODUCT).putAll(Map.of("quantity", "3", "version", "41"));
        RedisNode node = redis.getRedisNodes(RedisNodes.SINGLE).getInstance();
        Object before = node.info(RedisNode.InfoSection.COMMANDSTATS).get("cmdstat_scan");
        reconcile();
        assertThat(node.info(RedisNode.InfoSection.COMMANDSTATS).get("cmdstat_scan"))
                .isEqualTo(before);
        assertThat(mended).doesNotContainKey(NOBODYS_PRODUCT);
        assertThat(cached()).isEqualTo(Map.of(a, 5, b, 7));
    }

    @Test
    void anEntryThatNoStockIsBehindRefusesNobodyAndGivesWayToStock() throws InterruptedException {
        entry(NOBODYS_PRODUCT).putAll(Map.of("quantity", "0", "version", "41", "confirmed", "1"));
        assertThat(join(cache.shortages(List.of(new OrderLine(NOBODYS_PRODUCT, 1)), Duration.ofSeconds(1))))
                .isEmpty();
        try {
            join(cache.write(List.of(ledger.setStock(NOBODYS_PRODUCT, 8))));
            reconcile();
            assertThat(join(cache.quantities(List.of(NOBODYS_PRODUCT)))).containsEntry(NOBODYS_PRODUCT, 8);
            assertThat(mended).containsEntry(NOBODYS_PRODUCT, CacheDifference.AHEAD);
        } finally {
            jdbc.update("DELETE FROM stock WHERE product_id = ?", NOBODYS_PRODUCT);
            jdbc.update("DELETE FROM stock_changes WHERE product_id = ?", NOBODYS_PRODUCT);
        }
    }

    @Test
    void goesThroughMorePagesThanOne() throws InterruptedException {
        long first = NEXT_PRODUCT.addAndGet(10_000);
        int many = 2 * CacheReconciler.PAGE + 1;
        NEXT_PRODUCT.addAndGet(many);
        List<Object[]> rows = LongStream.range(first, first + many)
                .mapToObj(productId -> new Object[] {productId})
                .toList();
        jdbc.batchUpdate("INSERT INTO stock (product_id, quantity) VALUES (?, 4)", rows);
        try {
            reconcile();
            assertThat(join(cache.quantities(
                            LongStream.range(first, first + many).boxed().toList())))
                    .hasSize(many)
                    .containsValue(4);
        } finally {
            jdbc.update("DELETE FROM stock WHERE product_id BETWEEN ? AND ?", first, first + many);
        }
    }

    private void restock(int quantity) {
        join(cache.write(List.of(ledger.setStock(a, quantity))));
    }

    private Map<Long, Integer> cached() {
        return join(cache.quantities(List.of(a, b)));
    }

    private static RMap<String, String> entry(long productId) {
        return redis.getMap(RedisStockCache.key(productId), StringCodec.INSTANCE);
    }

    /** The ledger, in which something happens right after it was read in some way. */
    private static Ledger afterEach(Predicate<Method> read, Runnable then) {
        return (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(), new Class<?>[] {Ledger.class}, (proxy, method, arguments) -> {
                    Object answer = method.invoke(ledger, arguments);
                    if (read.test(method)) {
                        then.run();
                    }
                    return answer;
                });
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private void reconcile() throws InterruptedException {
        reconcile(ledger);
    }

    private void reconcile(Ledger from) throws InterruptedException {
        new CacheReconciler(from, cache).reconcile(new CacheReconciler.Progress() {
            @Override
            public void mended(long productId, CacheDifference difference) {
                mended.put(productId, difference);
            }

            @Override
            public boolean goOn() {
                return true;
            }
        });
    }
}

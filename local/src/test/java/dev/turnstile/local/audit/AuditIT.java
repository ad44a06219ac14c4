package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.line.Ticket;
import dev.turnstile.local.Turnstile;
import dev.turnstile.local.audit.AuditReport.CheckResult;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.JdbcLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RedisStockCache;
import dev.turnstile.stock.Run;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.api.RList;
import org.redisson.api.RMap;
import org.redisson.api.RScoredSortedSet;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plants a violation of each kind on real servers: the audit finds it, and nothing else. Each test has products of its
 * own, three orders that were decided and two that wait in the line, and a member of the fair group in place of the
 * workers.
 */
class AuditIT {

    private static final String LINE = "turnstile:{line}:";
    private static final String FAIR_GROUP = "turnstile.fair";
    private static final String DISTRIBUTED_GROUP = "turnstile.distributed";
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where the waiting orders are published, and where a test may commit. */
    private static final int WAITING = 0;

    private static final int COMMITTED = 1;

    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(3_000_000);
    /** Of epoch 0: behind all that the line has drawn. */
    private static final AtomicLong NEXT_TICKET = new AtomicLong(1000);

    private static ServerAddresses servers;
    private static JdbcTemplate jdbc;
    private static JdbcLedger ledger;
    private static RedissonClient redis;
    private static RedisStockCache cache;
    private static Admin admin;
    private static KafkaProducer<byte[], byte[]> producer;
    private static KafkaConsumer<byte[], byte[]> fairWorker;

    private final Deque<Runnable> undo = new ArrayDeque<>();
    private final AtomicLong fences = new AtomicLong(10);
    private long a;
    private long b;
    private Order served;
    private Order refused;
    private Order distributed;
    private Order parked;
    private String parkedTicket;

    @BeforeAll
    static void connect() throws Exception {
        servers = SharedStack.get().addresses();
        DriverManagerDataSource dataSource =
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        Flyway.configure().dataSource(dataSource).load().migrate();
        jdbc = new JdbcTemplate(dataSource);
        ledger = new JdbcLedger(dataSource, new DataSourceTransactionManager(dataSource), Clock.systemUTC());
        redis = RedisClients.connect(servers.lineRedis(), Duration.ofSeconds(5));
        cache = new RedisStockCache(redis);
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers.kafka()));
        makeTopics();
        producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers.kafka(),
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class));
        await().atMost(PATIENCE).until(() -> members(DISTRIBUTED_GROUP) == 0);
        fairWorker = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers.kafka(),
                ConsumerConfig.GROUP_ID_CONFIG,
                FAIR_GROUP,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class));
        fairWorker.subscribe(List.of(OrderTopics.FAIR));
        await().atMost(PATIENCE).until(() -> {
            fairWorker.poll(Duration.ofMillis(100));
            return !fairWorker.assignment().isEmpty();
        });
    }

    private static void makeTopics() throws Exception {
        for (String topic : List.of(
                OrderTopics.FAIR,
                OrderTopics.DISTRIBUTED,
                OrderTopics.FAIR_OPEN,
                OrderTopics.FAIR + OrderTopics.DEAD_LETTER_SUFFIX)) {
            try {
                admin.createTopics(List.of(new NewTopic(topic, 12, (short) 1)))
                        .all()
                        .get(30, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(TopicExistsException.class);
            }
        }
    }

    private static int members(String group) throws Exception {
        if (admin.listGroups().all().get(30, TimeUnit.SECONDS).stream()
                .noneMatch(listing -> listing.groupId().equals(group))) {
            return 0;
        }
        return admin.describeConsumerGroups(List.of(group)).all().get(30, TimeUnit.SECONDS).values().stream()
                .mapToInt(description -> description.members().size())
                .sum();
    }

    @AfterAll
    static void disconnect() {
        fairWorker.close();
        producer.close();
        admin.close();
        redis.shutdown();
    }

    @BeforeEach
    void seed() throws Exception {
        a = NEXT_PRODUCT.incrementAndGet();
        b = NEXT_PRODUCT.incrementAndGet();
        ledger.setStock(a, 5);
        ledger.setStock(b, 5);
        undo.push(() -> redis.getKeys().delete(RedisStockCache.key(a), RedisStockCache.key(b)));
        served = order(Mode.FAIR, a, 1, b, 1);
        refused = order(Mode.FAIR, a, 9);
        distributed = order(Mode.DISTRIBUTED, b, 9);
        decide(Run.Guard.LINE, new Run.Entry(served, ticket()), new Run.Entry(refused, ticket()));
        decide(Run.Guard.LOCK, new Run.Entry(distributed, null));
        parked = order(Mode.FAIR, a, 1, b, 1);
        parkedTicket = Long.toString(ticket());
        stand(parked, parkedTicket, "worker-1");
        put("heads", parkedTicket, Double.parseDouble(parkedTicket));
        publish(OrderTopics.FAIR, WAITING, parked, parkedTicket);
        Order drawn = order(Mode.FAIR, a, 1);
        String drawnTicket = Long.toString(ticket());
        stand(drawn, drawnTicket, null);
    }

    @AfterEach
    void clean() throws Exception {
        undo.forEach(Runnable::run);
        for (long productId : List.of(a, b)) {
            jdbc.update("DELETE FROM stock WHERE product_id = ?", productId);
            jdbc.update("DELETE FROM stock_changes WHERE product_id = ?", productId);
        }
    }

    @Test
    void aSystemThatWorksHasNoViolation() throws Exception {
        AuditReport report = audit();
        assertThat(report.refuted()).isEmpty();
        assertThat(report.held()).isTrue();
        assertThat(Stream.of(
                        Check.STOCK_SUMS,
                        Check.KNOWN_OUTCOMES,
                        Check.ALL_OR_NONE,
                        Check.STOCK_LEVELS,
                        Check.TICKET_ORDER,
                        Check.FENCES,
                        Check.STOCK_MARKS,
                        Check.CONSUMED,
                        Check.IN_LINE,
                        Check.LINE_ENTRIES,
                        Check.LINE_HEADS,
                        Check.PARKED_KEPT,
                        Check.ORPHANS,
                        Check.DECIDED_LEAVE,
                        Check.LINE_MEMORY,
                        Check.CACHE,
                        Check.CACHE_AHEAD))
                .allSatisfy(check ->
                        assertThat(report.of(check).checked()).as(check.title()).isPositive());
        assertThat(report.notes())
                .filteredOn(note -> note.name().equals(Note.WAITING.title()))
                .singleElement()
                .satisfies(note -> assertThat(note.count()).isOne());
    }

    @Test
    void aLineOfAnotherInstallation() throws Exception {
        Installation ours = Installation.of(
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword()));
        RMap<String, String> state = redis.getMap("turnstile:{line}:state", StringCodec.INSTANCE);
        undo.push(() -> state.fastRemove("installation"));
        state.fastPut("installation", ours.id().toString());
        assertThat(audit().refuted()).isEmpty();
        state.fastPut("installation", UUID.randomUUID().toString());
        assertViolated(1, Check.ONE_INSTALLATION);
    }

    @Test
    void stockThatWasTakenBehindTheLedgersBack() throws Exception {
        jdbc.update("UPDATE stock SET quantity = quantity - 1 WHERE product_id = ?", a);
        cacheEntry(a).put("quantity", "3");
        assertViolated(1, Check.STOCK_SUMS);
    }

    @Test
    void stockRowThatIsGone() throws Exception {
        jdbc.update("DELETE FROM stock WHERE product_id = ?", a);
        cacheEntry(a).delete();
        assertViolated(1, Check.STOCK_SUMS);
    }

    @Test
    void anOrderWithTwoOutcomes() throws Exception {
        jdbc.execute("ALTER TABLE orders DROP KEY orders_have_one_outcome");
        try {
            jdbc.update(
                    "INSERT INTO orders (order_id, mode, status, order_lines, outcome, ticket, fence, overtaken,"
                            + " replay_run, accepted_at, decided_at) SELECT order_id, mode, status, order_lines, outcome,"
                            + " ticket, fence, overtaken, replay_run, accepted_at, decided_at FROM orders"
                            + " WHERE order_id = ?",
                    bytes(distributed));
            assertViolated(1, Check.ONE_OUTCOME);
        } finally {
            jdbc.update("DELETE FROM orders WHERE order_id = ?", bytes(distributed));
            jdbc.execute("ALTER TABLE orders ADD UNIQUE KEY orders_have_one_outcome (order_id)");
        }
    }

    @Test
    void outcomesThatContradictTheirRowsOrAreNone() throws Exception {
        set(refused, "status", "CANCELLED");
        set(distributed, "outcome", "{\"status\":\"STOLEN\"}");
        assertViolated(2, Check.KNOWN_OUTCOMES);
    }

    @Test
    void aLineThatWasNotServed() throws Exception {
        set(
                served,
                "outcome",
                "{\"status\":\"FULFILLED\",\"stocks\":[{\"productId\":%d,\"quantity\":4}]}".formatted(a));
        assertViolated(1, Check.ALL_OR_NONE);
    }

    @Test
    void aRemainderThatIsNotSo() throws Exception {
        set(
                served,
                "outcome",
                ("{\"status\":\"FULFILLED\",\"stocks\":[{\"productId\":%d,\"quantity\":3},"
                                + "{\"productId\":%d,\"quantity\":4}]}")
                        .formatted(a, b));
        assertViolated(1, Check.STOCK_LEVELS);
    }

    @Test
    void aTicketThatWasCommittedTooLate() throws Exception {
        long early = ticket();
        decide(Run.Guard.LINE, new Run.Entry(order(Mode.FAIR, a, 1), ticket()));
        Order late = order(Mode.FAIR, a, 1);
        decide(Run.Guard.LINE, new Run.Entry(late, early));
        AuditReport recorded = audit();
        assertThat(recorded.refuted()).isEmpty();
        assertThat(recorded.notes())
                .filteredOn(note -> note.name().equals(Note.OVERTAKEN.title()))
                .singleElement()
                .satisfies(note ->
                        assertThat(note.rows()).extracting(Finding::orderId).containsExactly(late.id()));

        set(late, "overtaken", 0);
        assertViolated(1, Check.TICKET_ORDER);
    }

    @Test
    void aFlagWithoutACause() throws Exception {
        set(refused, "overtaken", 1);
        assertViolated(1, Check.OVERTAKEN_FLAGS);
    }

    @Test
    void aLoserWhoWasToldALie() throws Exception {
        set(refused, "order_lines", "[[%d,2]]".formatted(a));
        set(refused, "outcome", OrderJson.write(new Outcome.OutOfStock(List.of(new Shortage(a, 2, 1)))));
        decide(Run.Guard.LINE, new Run.Entry(order(Mode.FAIR, a, 3), ticket()));
        assertViolated(2, Check.STOCK_LEVELS, Check.FAIR_REFUSALS);
    }

    @Test
    void fencesThatFall() throws Exception {
        Order next = order(Mode.FAIR, a, 1);
        decide(Run.Guard.LINE, new Run.Entry(next, ticket()));
        set(next, "fence", 1);
        assertViolated(1, Check.FENCES);
        set(next, "fence", fences.get() - 2);
        assertViolated(1, Check.FENCES);
        assertThat(audit().of(Check.FENCES).rows()).singleElement().satisfies(row -> assertThat(row.what())
                .startsWith("two runs under fence"));
    }

    /**
     * A node of Redlock that forgot makes the tokens of products differ, and an order's row names that of its lowest
     * product.
     */
    @Test
    void tokensOfDifferentProductsAreNotCompared() throws Exception {
        long lowerToken = fences.incrementAndGet();
        decide(Run.Guard.LOCK, new Run.Entry(order(Mode.DISTRIBUTED, a, 1, b, 1), null));
        Order next = order(Mode.DISTRIBUTED, b, 1);
        decide(Run.Guard.LOCK, new Run.Entry(next, null));
        set(next, "fence", lowerToken);
        jdbc.update("UPDATE stock SET lock_fence = ? WHERE product_id = ?", lowerToken, b);
        AuditReport report = audit();
        assertThat(report.held()).as(AuditText.render(report)).isTrue();
    }

    @Test
    void aLatecomerWhoGotWhatTheDoorRefused() throws Exception {
        RList<String> turnedAway = redis.getList(LINE + "refused", StringCodec.INSTANCE);
        String refusal = b + ":1:1:0";
        turnedAway.add(refusal);
        undo.push(() -> turnedAway.remove(refusal));
        assertViolated(1, Check.DOOR_REFUSALS);
    }

    @Test
    void aStockRowThatForgot() throws Exception {
        jdbc.update("UPDATE stock SET line_ticket = 1 WHERE product_id = ?", a);
        jdbc.update("UPDATE stock SET lock_fence = 0 WHERE product_id = ?", b);
        assertViolated(2, Check.STOCK_MARKS);
    }

    @Test
    void anOrderThatWasPassedOver() throws Exception {
        long others =
                audit().of(Check.LOST_ORDERS).checked(); // records of other tests that can't be read and name an order
        Order lost = order(Mode.FAIR, a, 1);
        publish(OrderTopics.FAIR, COMMITTED, lost, Long.toString(ticket()));
        publish(OrderTopics.FAIR, COMMITTED, served, Long.toString(ticket()));
        commitFair(COMMITTED);
        assertViolated(1, Check.LOST_ORDERS);
        assertThat(audit().of(Check.LOST_ORDERS))
                .satisfies(check -> assertThat(check.checked()).isEqualTo(others + 2))
                .satisfies(check ->
                        assertThat(check.rows()).extracting(Finding::orderId).containsExactly(lost.id()));
    }

    @Test
    void aDistributedOrderThatWasPassedOver() throws Exception {
        publish(OrderTopics.DISTRIBUTED, COMMITTED, order(Mode.DISTRIBUTED, a, 1), null);
        commitDistributed(COMMITTED);
        assertViolated(1, Check.LOST_ORDERS);
    }

    @Test
    void aRecordThatNobodyCanReadAndNobodySetAside() throws Exception {
        long offset = publish(
                new ProducerRecord<>(OrderTopics.FAIR, COMMITTED, null, "junk".getBytes(StandardCharsets.UTF_8)));
        commitFair(COMMITTED);
        assertViolated(1, Check.DEAD_LETTERS);

        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(
                OrderTopics.FAIR + OrderTopics.DEAD_LETTER_SUFFIX,
                COMMITTED,
                null,
                "junk".getBytes(StandardCharsets.UTF_8));
        letter.headers().add("dlt-partition", Integer.toString(COMMITTED).getBytes(StandardCharsets.UTF_8));
        letter.headers().add("dlt-offset", Long.toString(offset).getBytes(StandardCharsets.UTF_8));
        publish(letter);
        assertThat(audit().refuted()).isEmpty();
    }

    @Test
    void ordersThatNobodyConsumes() throws Exception {
        publish(OrderTopics.DISTRIBUTED, WAITING, order(Mode.DISTRIBUTED, a, 1), null);
        publish(OrderTopics.DISTRIBUTED, WAITING, order(Mode.DISTRIBUTED, b, 1), null);
        publish(OrderTopics.DISTRIBUTED, WAITING, distributed, null);
        assertViolated(2, Check.CONSUMED);
    }

    @Test
    void aPublishedOrderThatIsNotInTheLine() throws Exception {
        publish(OrderTopics.FAIR, WAITING, order(Mode.FAIR, a, 1), Long.toString(ticket()));
        assertViolated(1, Check.IN_LINE);
    }

    @Test
    void aGhostInAQueueAndATicketThatIsNotInAll() throws Exception {
        put("queue:" + a, "2", 2);
        assertViolated(1, Check.LINE_ENTRIES);
        set("queue:" + a).remove("2");
        set("queue:" + b).remove(parkedTicket);
        assertViolated(1, Check.LINE_ENTRIES);
    }

    @Test
    void aHeadThatNobodyWouldClaim() throws Exception {
        set("heads").remove(parkedTicket);
        assertViolated(1, Check.LINE_HEADS);
    }

    @Test
    void aClaimThatNobodyEnded() throws Exception {
        hash("runs").put("9", a + ":1:" + parkedTicket + "," + b + ":1:" + parkedTicket + "|" + parkedTicket);
        put("claims", "9", System.currentTimeMillis() - 60_000.0);
        hash("held").putAll(Map.of(Long.toString(a), "9", Long.toString(b), "9"));
        undo.push(() -> {
            hash("runs").remove("9");
            hash("held").fastRemove(Long.toString(a), Long.toString(b));
        });
        assertViolated(1, Check.CLAIMS);
        set("claims").remove("9");
        assertViolated(1, Check.CLAIMS);
        hash("runs").remove("9");
        assertViolated(2, Check.CLAIMS);
    }

    @Test
    void aDecidedOrderThatStillStandsInTheLine() throws Exception {
        stand(served, Long.toString(ticket()), "worker-1");
        assertViolated(1, Check.DECIDED_LEAVE);
    }

    @Test
    void aParkedOrderThatWouldNotBeConsumedAgain() throws Exception {
        commitFair(WAITING);
        assertViolated(1, Check.PARKED_KEPT);
    }

    @Test
    void aTicketThatNobodyWillMeet() throws Exception {
        Order orphan = order(Mode.FAIR, b, 1);
        String ticket = Long.toString(ticket());
        stand(orphan, ticket, null);
        put("unparked", ticket, System.currentTimeMillis() - 60_000.0);
        assertViolated(1, Check.ORPHANS);
        publish(OrderTopics.FAIR, WAITING, orphan, ticket);
        assertThat(audit().refuted()).as("its record waits").isEmpty();
    }

    @Test
    void aLineThatWasBornBeforeTheLedger() throws Exception {
        long ofTheFuture = 8191L << 40;
        set(refused, "ticket", ofTheFuture);
        jdbc.update("UPDATE stock SET line_ticket = ? WHERE product_id = ?", ofTheFuture, a);
        assertViolated(1, Check.LINE_MEMORY);
    }

    @Test
    void aCacheThatIsLateOrAhead() throws Exception {
        cacheEntry(a).put("quantity", "77");
        assertViolated(1, Check.CACHE);
        cacheEntry(a).put("version", "99");
        assertViolated(1, Check.CACHE_AHEAD);
        cacheEntry(a).delete();
        AuditReport report = audit();
        assertThat(report.refuted()).isEmpty();
        assertThat(report.notes())
                .filteredOn(note -> note.name().equals(Note.NOT_CACHED.title()))
                .singleElement()
                .satisfies(note -> assertThat(note.count()).isOne());
    }

    @Test
    void whatComesRightWithinThePatienceIsNoViolation() throws Exception {
        cacheEntry(a).put("quantity", "77");
        put("queue:" + a, "2", 2);
        CompletableFuture<Void> mended = CompletableFuture.runAsync(
                () -> {
                    cacheEntry(a).put("quantity", "4");
                    set("queue:" + a).remove("2");
                },
                CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
        AuditReport report = Audit.of(servers)
                .onlyProducts(this::isOurs)
                .withPatience(PATIENCE)
                .run();
        mended.join();
        assertThat(report.refuted()).isEmpty();
        assertThat(report.durationMs()).isLessThan(PATIENCE.toMillis());
    }

    @Test
    void commandEndsWithZeroOrOneAndWritesJson(@TempDir Path folder) throws Exception {
        StringWriter out = new StringWriter();
        assertThat(execute(out)).isZero();
        assertThat(out.toString()).endsWith("audit: " + Check.values().length + " checks, 0 violations\n");

        cacheEntry(a).put("quantity", "77");
        StringWriter bad = new StringWriter();
        Path file = folder.resolve("made").resolve("audit.json");
        assertThat(execute(bad, "--json", file.toString())).isOne();
        assertThat(bad.toString())
                .contains("VIOLATED cache: ", "product " + a + ": cached 77")
                .endsWith("audit: " + Check.values().length + " checks, 1 violations\n");

        StringWriter json = new StringWriter();
        assertThat(execute(json, "--json", "-")).isOne();
        for (JsonNode report : List.of(
                JsonMapper.shared().readTree(file.toFile()), JsonMapper.shared().readTree(json.toString()))) {
            assertThat(report.path("violations").asInt()).isOne();
            assertThat(report.path("checks")).hasSize(Check.values().length);
            JsonNode row = report.path("checks")
                    .valueStream()
                    .filter(check -> check.path("name").asString().equals("cache"))
                    .findFirst()
                    .orElseThrow()
                    .path("rows")
                    .path(0);
            assertThat(row.path("productId").asLong()).isEqualTo(a);
        }
    }

    private int execute(StringWriter out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "audit",
                "--kafka=" + servers.kafka(),
                "--redis-line=" + servers.lineRedis(),
                "--mysql-url=" + servers.jdbcUrl(),
                "--mysql-user=" + servers.jdbcUser(),
                "--mysql-password=" + servers.jdbcPassword(),
                "--products=" + a + "-" + b,
                "--patience=200ms"));
        arguments.addAll(Arrays.asList(more));
        CommandLine command = Turnstile.commandLine().setOut(new PrintWriter(out));
        return command.execute(arguments.toArray(String[]::new));
    }

    private AuditReport audit() throws InterruptedException {
        return Audit.of(servers)
                .onlyProducts(this::isOurs)
                .withPatience(Duration.ofMillis(200))
                .run();
    }

    private boolean isOurs(long productId) {
        return productId == a || productId == b;
    }

    private void assertViolated(long violations, Check... checks) throws InterruptedException {
        AuditReport report = audit();
        assertThat(report.refuted())
                .as(AuditText.render(report))
                .extracting(CheckResult::name)
                .containsExactly(Arrays.stream(checks).map(Check::title).toArray(String[]::new));
        assertThat(report.violations()).isEqualTo(violations);
    }

    private void decide(Run.Guard guard, Run.Entry... entries) {
        try (Ledger.Session session = ledger.open(LEASE)) {
            DecidedRun decided = session.decide(new Run(guard, fences.incrementAndGet(), List.of(entries)));
            cache.write(decided.stocks()).toCompletableFuture().join();
        }
    }

    private Order order(Mode mode, long... productsAndQuantities) {
        List<OrderLine> lines = new ArrayList<>();
        for (int i = 0; i < productsAndQuantities.length; i += 2) {
            lines.add(new OrderLine(productsAndQuantities[i], (int) productsAndQuantities[i + 1]));
        }
        Order order =
                new Order(UUID.randomUUID(), mode, lines, Instant.now().truncatedTo(ChronoUnit.MILLIS), null, null);
        undo.push(() -> jdbc.update("DELETE FROM orders WHERE order_id = ?", bytes(order)));
        return order;
    }

    private static long ticket() {
        return new Ticket(NEXT_TICKET.incrementAndGet()).number();
    }

    private static byte[] bytes(Order order) {
        return ByteBuffer.allocate(16)
                .putLong(order.id().getMostSignificantBits())
                .putLong(order.id().getLeastSignificantBits())
                .array();
    }

    private static void set(Order order, String column, Object value) {
        assertThat(jdbc.update("UPDATE orders SET " + column + " = ? WHERE order_id = ?", value, bytes(order)))
                .isOne();
    }

    /** Adds an order to the line, parked by a worker or just drawn. */
    private void stand(Order order, String ticket, @Nullable String keeper) {
        String products = String.join(
                ",", order.productIds().stream().map(String::valueOf).toList());
        String record =
                products + "|" + order.id() + "|an API|" + new String(OrderJson.write(order), StandardCharsets.UTF_8);
        hash("orders").put(order.id().toString(), ticket);
        hash("tickets").put(ticket, record);
        for (long productId : order.productIds()) {
            put("queue:" + productId, ticket, Double.parseDouble(ticket));
        }
        if (keeper == null) {
            put("unparked", ticket, (double) System.currentTimeMillis());
        } else {
            hash("parked").put(ticket, keeper + "|" + products);
        }
        undo.push(() -> {
            hash("orders").remove(order.id().toString());
            hash("tickets").remove(ticket);
            hash("parked").remove(ticket);
        });
    }

    private void put(String key, String member, double score) {
        set(key).add(score, member);
        undo.push(() -> set(key).remove(member));
    }

    private static RScoredSortedSet<String> set(String key) {
        return redis.getScoredSortedSet(LINE + key, StringCodec.INSTANCE);
    }

    private static RMap<String, String> hash(String key) {
        return redis.getMap(LINE + key, StringCodec.INSTANCE);
    }

    private static RMap<String, String> cacheEntry(long productId) {
        return redis.getMap(RedisStockCache.key(productId), StringCodec.INSTANCE);
    }

    private void publish(String topic, int partition, Order order, @Nullable String ticket) throws Exception {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, OrderJson.write(order));
        Map<String, @Nullable String> headers = new HashMap<>();
        headers.put(OrderTopics.HEADER_ORDER_ID, order.id().toString());
        headers.put(OrderTopics.HEADER_TICKET, ticket);
        headers.put(OrderTopics.HEADER_TICKET_MAC, ticket);
        headers.forEach((name, value) -> {
            if (value != null) {
                record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
            }
        });
        publish(record);
    }

    private long publish(ProducerRecord<byte[], byte[]> record) throws Exception {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        undo.push(() -> forget(partition));
        return producer.send(record).get(30, TimeUnit.SECONDS).offset();
    }

    /** Leaves nothing behind that a worker would consume or an audit would miss an outcome of. */
    private void forget(TopicPartition partition) {
        try {
            switch (partition.topic()) {
                case OrderTopics.FAIR -> commitFair(partition.partition());
                case OrderTopics.DISTRIBUTED -> commitDistributed(partition.partition());
                default -> {
                    return; // letters of other tests are in that partition, too
                }
            }
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(end(partition))))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void commitFair(int partition) throws Exception {
        TopicPartition fair = new TopicPartition(OrderTopics.FAIR, partition);
        fairWorker.commitSync(Map.of(fair, new OffsetAndMetadata(end(fair))));
    }

    private void commitDistributed(int partition) throws Exception {
        TopicPartition distributedPartition = new TopicPartition(OrderTopics.DISTRIBUTED, partition);
        admin.alterConsumerGroupOffsets(
                        DISTRIBUTED_GROUP,
                        Map.of(distributedPartition, new OffsetAndMetadata(end(distributedPartition))))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static long end(TopicPartition partition) throws Exception {
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get(30, TimeUnit.SECONDS)
                .offset();
    }
}

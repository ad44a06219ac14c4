package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.audit.Audit;
import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.audit.AuditText;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.redis.RedisClients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.KeysScanOptions;
import org.redisson.api.redisnode.RedisNode.InfoSection;
import org.redisson.api.redisnode.RedisNodes;
import org.redisson.client.codec.StringCodec;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running system as its customers see it, and the ledger behind it. */
final class Shop implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * What the line keeps when no order is in it: its state, evidence, reports, and memories of keys and of accepted
     * orders.
     */
    private static final Set<String> KEPT = Set.of(
            "state", "beats", "seen", "refused", "workers", "requests", "request-ages", "accepted", "accepted-ages");

    private static final String LINE = "turnstile:{line}:";
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Of the whole run: systems come and go on the same servers. */
    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(1);

    /** What the ledger holds of an order. */
    record Row(UUID orderId, String status, @Nullable Long ticket, boolean overtaken, long fence, long acceptedMs) {}

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TurnstileSystem system;
    private final List<URI> apis;
    private final ServerAddresses servers;
    private final DriverManagerDataSource dataSource;
    private final JdbcTemplate jdbc;
    private final RedissonClient redis;

    /** The last commit before a product was created: none of its orders is before that. */
    private final Map<Long, Long> madeAfter = new ConcurrentHashMap<>();

    Shop(TurnstileSystem system, ServerAddresses servers) {
        this.system = system;
        this.apis = system.addresses().apis();
        this.servers = servers;
        this.dataSource = new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        this.jdbc = new JdbcTemplate(dataSource);
        this.redis = RedisClients.connect(servers.lineRedis(), Duration.ofSeconds(5));
    }

    List<URI> apis() {
        return apis;
    }

    DriverManagerDataSource dataSource() {
        return dataSource;
    }

    JdbcTemplate jdbc() {
        return jdbc;
    }

    /** One of the line's hashes; see docs/protocol.md. */
    Map<String, String> line(String hash) {
        return redis.<String, String>getMap(LINE + hash, StringCodec.INSTANCE).readAllMap();
    }

    /** The line's keys except those that stay when it is empty. */
    List<String> leftInLine() {
        return redis.getKeys()
                .getKeysStream(KeysScanOptions.defaults().pattern(LINE + "*"))
                .map(key -> key.substring(LINE.length()))
                .filter(key -> !KEPT.contains(key) && !key.startsWith("stock:"))
                .toList();
    }

    /** How many channels of the line's Redis have a subscriber. */
    int listenedTo() {
        return lineRedis(InfoSection.STATS, "pubsub_channels");
    }

    /** How many connections the line's Redis has. */
    int connections() {
        return lineRedis(InfoSection.CLIENTS, "connected_clients");
    }

    private int lineRedis(InfoSection section, String figure) {
        return Integer.parseInt(redis.getRedisNodes(RedisNodes.SINGLE)
                .getInstance()
                .info(section)
                .get(figure));
    }

    /** Ids that no other product has. */
    List<Long> newProducts(int count) {
        long first = NEXT_PRODUCT.getAndAdd(count);
        long committed = committed();
        List<Long> products = LongStream.range(first, first + count).boxed().toList();
        products.forEach(product -> madeAfter.put(product, committed));
        return products;
    }

    /** A new product, stocked. */
    long product(int quantity) {
        long productId = newProducts(1).get(0);
        system.setStock(productId, quantity);
        return productId;
    }

    /** Stored and cached quantity, with a slash between. */
    String stock(long productId) throws IOException, InterruptedException {
        JsonNode stock = JSON.readTree(
                get(apis.get(0).resolve("/v1/stocks/" + productId)).body());
        return stock.path("quantity").asString() + "/"
                + stock.path("cachedQuantity").asString();
    }

    /** All that was ever put in of a product. */
    long booked(long productId) {
        Long sum = jdbc.queryForObject(
                "SELECT SUM(difference) FROM stock_changes WHERE product_id = ?", Long.class, productId);
        return sum == null ? 0 : sum;
    }

    long count(String rows) {
        Long count = jdbc.queryForObject("SELECT COUNT(*) FROM " + rows, Long.class);
        return count == null ? 0 : count;
    }

    /** How many orders of a single product, or with it as the first one, are decided. */
    long decidedOrders(long productId) {
        return count("orders WHERE commit_seq > " + madeAfter.getOrDefault(productId, 0L)
                + " AND JSON_EXTRACT(order_lines, '$[0][0]') = " + productId);
    }

    /** The last commit of an order, by its sequence. */
    long committed() {
        Long last = jdbc.queryForObject("SELECT COALESCE(MAX(commit_seq), 0) FROM orders", Long.class);
        return last == null ? 0 : last;
    }

    /** How many orders a second are committed from one commit to another. */
    double ratePerSecond(long from, long to) {
        long first = awaitCommitted(from);
        long begun = System.nanoTime();
        long last = awaitCommitted(to);
        return (last - first) * 1e9 / (System.nanoTime() - begun);
    }

    /** Waits for a commit; returns the last one. */
    long awaitCommitted(long sequence) {
        return await().atMost(PATIENCE.multipliedBy(2))
                .pollInterval(Duration.ofMillis(2))
                .until(this::committed, committed -> committed >= sequence);
    }

    /**
     * What the ledger holds of orders of a single product, or with it as the first one, in the order of the commits.
     */
    List<Row> rows(long productId) {
        return jdbc.query(
                "SELECT order_id, status, ticket, overtaken, fence, accepted_at FROM orders"
                        + " WHERE commit_seq > ? AND JSON_EXTRACT(order_lines, '$[0][0]') = ? ORDER BY commit_seq",
                (row, number) -> {
                    ByteBuffer id = ByteBuffer.wrap(row.getBytes("order_id"));
                    return new Row(
                            new UUID(id.getLong(), id.getLong()),
                            row.getString("status"),
                            row.getObject("ticket", Long.class),
                            row.getBoolean("overtaken"),
                            row.getLong("fence"),
                            row.getTimestamp("accepted_at").getTime());
                },
                madeAfter.getOrDefault(productId, 0L),
                productId);
    }

    /** The outcome that the ledger holds of an order, or "" if there is none. */
    String status(UUID orderId) {
        return jdbc
                .queryForList(
                        "SELECT status FROM orders WHERE order_id = UNHEX(REPLACE(?, '-', ''))",
                        String.class,
                        orderId.toString())
                .stream()
                .findFirst()
                .orElse("");
    }

    HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    CompletableFuture<HttpResponse<String>> send(Mode mode, String body) {
        return send(apis.get(0), mode, BodyPublishers.ofString(body));
    }

    /**
     * Sends an order.
     *
     * @param headers further ones, each a name and a value
     */
    CompletableFuture<HttpResponse<String>> send(URI api, Mode mode, BodyPublisher body, String... headers) {
        String path = "/v1/stocks/locks/" + (mode == Mode.FAIR ? "fair" : "distributed");
        HttpRequest.Builder request = HttpRequest.newBuilder(api.resolve(path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method("PATCH", body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.sendAsync(request.build(), BodyHandlers.ofString());
    }

    /** An order whose request goes on from a trace, if that is not empty. */
    CompletableFuture<HttpResponse<String>> send(URI api, Mode mode, String body, String traceParent) {
        String[] headers = traceParent.isEmpty() ? new String[0] : new String[] {"traceparent", traceParent};
        return send(api, mode, BodyPublishers.ofString(body), headers);
    }

    /** The orders of one product that are in the line, in the order of their tickets. */
    List<UUID> standing(long productId) {
        return new TreeMap<>(line("tickets"))
                .values().stream()
                        .filter(record -> record.startsWith(productId + "|"))
                        .map(record -> UUID.fromString(record.split("\\|", 3)[1]))
                        .toList();
    }

    CompletableFuture<HttpResponse<String>> leave(URI api, UUID orderId) {
        HttpRequest request = HttpRequest.newBuilder(api.resolve("/v1/orders/" + orderId))
                .timeout(PATIENCE)
                .DELETE()
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    /** Waits for an end that nothing signals. */
    static void pause(long millis) {
        after(Duration.ofMillis(millis)).join();
    }

    /** Is done when so much time has passed. */
    static CompletableFuture<Void> after(Duration delay) {
        return new CompletableFuture<Void>().completeOnTimeout(null, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }

    /** The body of an order. */
    static String order(long... productsAndQuantities) {
        List<String> lines = IntStream.range(0, productsAndQuantities.length / 2)
                .mapToObj(i -> "{\"productId\":%d,\"quantity\":%d}"
                        .formatted(productsAndQuantities[2 * i], productsAndQuantities[2 * i + 1]))
                .toList();
        return "{\"orders\":[" + String.join(",", lines) + "]}";
    }

    /** Audits what all shops of this run have left behind, and what waits until it has come right. */
    AuditReport assertAuditFindsNothing() throws InterruptedException {
        AuditReport report = Audit.of(servers)
                .onlyProducts(productId -> productId < NEXT_PRODUCT.get())
                .withPatience(PATIENCE)
                .run();
        assertThat(report.refuted()).as(AuditText.render(report)).isEmpty();
        return report;
    }

    @Override
    public void close() {
        redis.shutdown();
    }
}

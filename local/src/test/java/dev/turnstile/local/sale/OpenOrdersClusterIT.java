package dev.turnstile.local.sale;

import static dev.turnstile.local.sale.KafkaClient.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.github.f4b6a3.uuid.UuidCreator;
import com.github.f4b6a3.uuid.codec.StandardBinaryCodec;
import dev.turnstile.local.Turnstile;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fair orders without a ticket, on real servers, with two workers that admit twenty orders to the line at a time: a
 * worker that puts more on the topic makes them pause it again and again.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenOrdersClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROOM = 20;

    private final String replyTopic = "replies-of-" + UUID.randomUUID();
    private RunFolder run;
    private TurnstileSystem system;
    private KafkaClient kafka;
    private JdbcTemplate jdbc;
    private Map<TopicPartition, Long> replies;
    private long nextProduct = 7_000_001;
    private long product;

    /** A decided order as the ledger has it. */
    private record Row(UUID id, String status, long ticket, String replayRun) {}

    @BeforeAll
    void startSystem() throws Exception {
        run = RunFolder.open(ProjectFiles.locate().runs());
        ServerAddresses servers = SharedStack.get().addresses();
        system = SharedSystem.start(
                run,
                1,
                2,
                FairPartitionKey.PRODUCT,
                Map.of("worker", List.of(SharedSystem.SHORT_SESSION, "--turnstile.line.max-waiting=" + ROOM)));
        jdbc = new JdbcTemplate(
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword()));
        kafka = new KafkaClient(servers.kafka());
        kafka.makeTopic(replyTopic);
    }

    @AfterAll
    void stopSystem() {
        kafka.close();
        run.close();
    }

    @BeforeEach
    void aNewProduct() {
        product = nextProduct++;
        system.setStock(product, 100);
        replies = kafka.ends(replyTopic);
    }

    @Test
    void areDecidedInTheOrderOfTheirPartitionHoweverOftenTheLineIsFull() throws Exception {
        List<Order> orders = orders(300);

        kafka.send(orders.stream().map(order -> open(order)).toList());

        awaitReplies(300);
        List<Row> rows = rows();
        assertThat(rows).extracting(Row::id).as("in the order of commits").isEqualTo(ids(orders));
        assertThat(rows).extracting(Row::ticket).isSorted().doesNotHaveDuplicates();
        assertThat(rows).extracting(Row::replayRun).containsOnly("run-" + product);
        assertThat(rows.subList(0, 100)).extracting(Row::status).containsOnly(Outcome.FULFILLED);
        assertThat(rows.subList(100, 300)).extracting(Row::status).containsOnly(Outcome.OUT_OF_STOCK);
        assertThat(answered()).containsOnly(ids(orders).toArray(UUID[]::new));
        assertThat(stock()).isZero();
    }

    @Test
    void customersAreLetInBeforeThoseThatWaitOutside() throws Exception {
        kafka.send(orders(300).stream().map(order -> open(order)).toList());
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> !rows().isEmpty());
        HttpRequest order = HttpRequest.newBuilder(
                        system.addresses().apis().get(0).resolve("/v1/stocks/locks/fair"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(
                        "PATCH",
                        BodyPublishers.ofString("{\"orders\":[{\"productId\":" + product + ",\"quantity\":1}]}"))
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(order, BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        awaitReplies(300);
        assertThat(rows()).hasSize(301).last().extracting(Row::replayRun).isNotNull();
        assertThat(rows())
                .filteredOn(row -> row.status().equals(Outcome.FULFILLED))
                .hasSize(100);
    }

    @Test
    void areDecidedOnceAlsoWhenAWorkerIsKilledBetweenDrawAndAnswer() throws Exception {
        List<Order> orders = orders(400);
        kafka.send(orders.stream().map(order -> open(order)).toList());
        String owner = kafka.ownerOf("turnstile.open", OrderTopics.FAIR_OPEN, Long.toString(product));
        ChildProcess drawing = system.workers().stream()
                .filter(worker -> owner.startsWith(worker.name()))
                .findFirst()
                .orElseThrow();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> !rows().isEmpty());

        drawing.kill();

        await().atMost(PATIENCE).until(() -> rows().size() == 400);
        assertThat(rows()).extracting(Row::id).containsExactlyInAnyOrderElementsOf(ids(orders));
        assertThat(rows())
                .filteredOn(row -> row.status().equals(Outcome.FULFILLED))
                .hasSize(100);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(answered()).containsAll(ids(orders)));
        assertThat(stock()).isZero();
    }

    @Test
    void anOrderThatComesAgainIsDecidedOnceAndAnsweredTheSame() throws Exception {
        Order order = orders(1).get(0);
        Map<TopicPartition, Long> ends = kafka.ends(OrderTopics.FAIR);
        kafka.send(List.of(open(order), open(order)));
        awaitReplies(1);
        await().atMost(PATIENCE).until(() -> !forwarded(ends, order).isEmpty());
        ConsumerRecord<String, byte[]> ticketed = forwarded(ends, order).get(0);
        assertThat(header(ticketed, OrderTopics.HEADER_TICKET))
                .isEqualTo(Long.toString(rows().get(0).ticket()));
        int before = answered().size();

        kafka.send(List.of(open(order), copy(ticketed), copy(ticketed)));

        await().atMost(PATIENCE).until(() -> answered().size() >= before + 3);
        assertThat(rows()).hasSize(1);
        assertThat(decisions())
                .extracting(Decision::outcome)
                .containsOnly(decisions().get(0).outcome());
        assertThat(stock()).isEqualTo(99);
    }

    /**
     * A worker drew, slept until its ticket was taken for an orphan's, and published it when another had drawn anew.
     */
    @Test
    void anOrderWithATicketThatHadLeftTheLineAndANewOneIsDecidedOnce() throws Exception {
        List<Order> orders = orders(2);
        kafka.send(List.of(open(orders.get(0))));
        awaitReplies(1);
        long gone = rows().get(0).ticket();
        ProducerRecord<String, byte[]> late = record(OrderTopics.FAIR, orders.get(1));
        late.headers().add(OrderTopics.HEADER_TICKET, Long.toString(gone).getBytes(UTF_8));

        kafka.send(List.of(open(orders.get(1)), late, open(orders.get(1))));

        await().atMost(PATIENCE).until(() -> rows().size() == 2);
        Order next = orders(1).get(0);
        kafka.send(List.of(open(next)));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows())
                .as("the line goes on")
                .extracting(Row::id)
                .containsExactly(orders.get(0).id(), orders.get(1).id(), next.id()));
        assertThat(stock()).isEqualTo(97);
    }

    @Test
    void aTicketIsDrawnForARecordThatCameToTheFairTopicWithoutOne() throws Exception {
        Order order = orders(1).get(0);
        ProducerRecord<String, byte[]> record = record(OrderTopics.FAIR, order);
        record.headers().add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".getBytes(UTF_8));
        Map<TopicPartition, Long> ends = kafka.ends(OrderTopics.FAIR);

        kafka.send(List.of(record));

        awaitReplies(1);
        assertThat(rows())
                .hasSize(1)
                .allMatch(row -> row.ticket() > 0 && row.status().equals(Outcome.FULFILLED));
        assertThat(kafka.since(ends))
                .filteredOn(copy -> copy.key().equals(record.key())
                        && !header(copy, OrderTopics.HEADER_TICKET).isEmpty())
                .singleElement()
                .satisfies(copy -> assertThat(header(copy, "traceparent")).startsWith("00-0af7651916cd43dd"));
    }

    @Test
    void whatIsUnreadableIsSetAsideAndAnsweredAndHoldsUpNobody() throws Exception {
        UUID unreadable = UUID.randomUUID();
        Order lost = orders(1).get(0);
        UUID noTicket = lost.id();
        Order behind = orders(1).get(0);
        Order behindFair = orders(1).get(0);
        Map<TopicPartition, Long> letters = kafka.ends("orders.fair.open.dlt");
        ProducerRecord<String, byte[]> garbled = answerable(OrderTopics.FAIR_OPEN, "no json", unreadable);
        ProducerRecord<String, byte[]> garbledTicket =
                answerable(OrderTopics.FAIR, new String(OrderJson.write(lost), UTF_8), noTicket);
        garbledTicket.headers().add(OrderTopics.HEADER_TICKET, "first".getBytes(UTF_8));

        kafka.send(List.of(garbled, open(behind), garbledTicket, record(OrderTopics.FAIR, behindFair)));

        awaitReplies(4);
        assertThat(kafka.since(letters)).singleElement().satisfies(letter -> assertThat(header(letter, "dlt-reason"))
                .contains("not readable"));
        assertThat(decisions())
                .filteredOn(decision -> decision.outcome() instanceof Outcome.Invalid)
                .extracting(Decision::orderId)
                .containsExactlyInAnyOrder(unreadable, noTicket);
        assertThat(rows()).extracting(Row::id).containsExactlyInAnyOrder(behind.id(), behindFair.id());
    }

    /**
     * While a system is brought up to date: the next release adds fields, and the one after it may write another
     * version.
     */
    @Test
    void messagesOfALaterReleaseAreReadAndThoseOfALaterVersionAreSetAside() throws Exception {
        Order fair = orders(1).get(0);
        Order distributed = new Order(
                UuidCreator.getTimeOrderedEpoch(),
                Mode.DISTRIBUTED,
                List.of(new OrderLine(product, 1)),
                Instant.now(),
                new ReplyAddress(replyTopic, 0),
                null);
        Order later = orders(1).get(0);
        UUID ofLaterVersion = later.id();
        List<ProducerRecord<String, byte[]>> readable = List.of(
                answerable(OrderTopics.FAIR_OPEN, ofLaterRelease(fair), fair.id()),
                answerable(OrderTopics.DISTRIBUTED, ofLaterRelease(distributed), distributed.id()));
        String json = new String(OrderJson.write(later), UTF_8);

        kafka.send(List.of(answerable(OrderTopics.FAIR_OPEN, json.replace("\"v\":1", "\"v\":2"), ofLaterVersion)));
        kafka.send(readable);

        awaitReplies(3);
        assertThat(rows())
                .extracting(Row::id, Row::status)
                .containsExactlyInAnyOrder(
                        tuple(fair.id(), Outcome.FULFILLED), tuple(distributed.id(), Outcome.FULFILLED));
        assertThat(decisions())
                .filteredOn(decision -> decision.outcome() instanceof Outcome.Invalid)
                .extracting(Decision::orderId)
                .containsExactly(ofLaterVersion);
        assertThat(dlt(0, "list", "--topic", OrderTopics.FAIR_OPEN))
                .contains("version 2 is newer than this worker reads (1)");

        // and a worker of the later release has stored the outcomes
        jdbc.update("UPDATE orders SET outcome = JSON_SET(outcome, '$.later', 1, '$.stocks[0].later', 1)"
                + " WHERE JSON_EXTRACT(order_lines, '$[0][0]') = " + product);
        kafka.send(readable);
        await().atMost(PATIENCE).until(() -> answered().size() >= 5);
        assertThat(decisions().stream().filter(decision -> !decision.orderId().equals(ofLaterVersion)))
                .allMatch(decision -> decision.outcome() instanceof Outcome.Fulfilled);
        HttpRequest look = HttpRequest.newBuilder(
                        system.addresses().apis().get(0).resolve("/v1/orders/" + fair.id()))
                .timeout(PATIENCE)
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(look, BodyHandlers.ofString())
                        .body())
                .contains(Outcome.FULFILLED);
        assertThat(stock()).isEqualTo(98);
    }

    private static String ofLaterRelease(Order order) {
        return new String(OrderJson.write(order), UTF_8)
                .replace("{\"v\":1,", "{\"v\":1,\"release\":\"9.0\",")
                .replace("\"lines\":", "\"later\":{\"gifts\":[1]},\"lines\":")
                .replace("\"quantity\":1", "\"quantity\":1,\"colour\":\"red\"");
    }

    @Test
    void aDeadLetterIsSentAgainAsOneNewOrder() throws Exception {
        List<Order> orders = orders(2);
        Order lost = orders.get(0);
        Order served = orders.get(1);
        kafka.send(List.of(open(served)));
        awaitReplies(1);
        UUID unreadable = UUID.randomUUID();

        kafka.send(List.of(
                withGarbledTicket(lost),
                withGarbledTicket(served),
                answerable(OrderTopics.FAIR_OPEN, "no json", unreadable)));

        awaitReplies(3);
        JsonNode listed = JsonMapper.shared().readTree(dlt(0, "list", "--json", "--limit", "10000"));
        JsonNode letter = letterOf(lost.id(), listed);
        assertThat(letter.path("reason").asString()).contains("ticket");
        assertThat(letter.path("from").asString()).startsWith("orders.fair/");
        assertThat(Instant.parse(letter.path("time").asString())).isBetween(lost.acceptedAt(), Instant.now());
        String place = place(letter);
        assertThat(dlt(0, "list", "--topic", "orders.fair")).contains(place + "  order " + lost.id());

        String sent = dlt(0, "redrive", place);

        assertThat(sent).startsWith(place + "  sent to orders.fair.open as order ");
        UUID orderId = UUID.fromString(sent.lines().findFirst().orElseThrow().replaceAll(".* ", ""));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows())
                .extracting(Row::id, Row::status)
                .containsExactly(tuple(served.id(), Outcome.FULFILLED), tuple(orderId, Outcome.FULFILLED)));
        assertThat(dlt(0, "redrive", place))
                .contains("was sent before, as order " + orderId + ", which is FULFILLED", "0 sent, 0 refused");
        assertThat(dlt(1, "redrive", place(letterOf(served.id(), listed)), place(letterOf(unreadable, listed))))
                .contains(
                        "REFUSED: its order " + served.id() + " is FULFILLED",
                        "REFUSED: not readable",
                        "0 sent, 2 refused");
        assertThat(dlt(2, "redrive", "--all")).contains("would send ", "--yes");
        assertThat(stock()).isEqualTo(98);
    }

    private static JsonNode letterOf(UUID orderId, JsonNode listed) {
        return listed.valueStream()
                .filter(letter -> letter.path("orderId").asString("").equals(orderId.toString()))
                .findFirst()
                .orElseThrow();
    }

    private static String place(JsonNode letter) {
        return letter.path("topic").asString() + "/" + letter.path("partition").asInt() + "/"
                + letter.path("offset").asLong();
    }

    /** Runs the command; returns its output. */
    private static String dlt(int exitCode, String... arguments) {
        ServerAddresses servers = SharedStack.get().addresses();
        List<String> line = new ArrayList<>(List.of("dlt"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--kafka", servers.kafka(), "--mysql-url", servers.jdbcUrl()));
        line.addAll(List.of("--mysql-user", servers.jdbcUser(), "--mysql-password=" + servers.jdbcPassword()));
        StringWriter said = new StringWriter();
        int code = Turnstile.commandLine()
                .setOut(new PrintWriter(said))
                .setErr(new PrintWriter(said))
                .execute(line.toArray(String[]::new));
        assertThat(code).as(said.toString()).isEqualTo(exitCode);
        return said.toString();
    }

    private ProducerRecord<String, byte[]> withGarbledTicket(Order order) {
        ProducerRecord<String, byte[]> record =
                answerable(OrderTopics.FAIR, new String(OrderJson.write(order), UTF_8), order.id());
        record.headers().add(OrderTopics.HEADER_TICKET, "first".getBytes(UTF_8));
        return record;
    }

    @Test
    void addressesThatDoNotExistHoldUpNobody() throws Exception {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            records.add(open(new Order(
                    UuidCreator.getTimeOrderedEpoch(),
                    Mode.FAIR,
                    List.of(new OrderLine(product, 1)),
                    Instant.now(),
                    new ReplyAddress("no-such-topic-" + i, 3),
                    null)));
        }
        orders(50).forEach(order -> records.add(open(order)));

        kafka.send(records);

        awaitReplies(50);
        assertThat(rows()).hasSize(80);
    }

    private List<Order> orders(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Order(
                        UuidCreator.getTimeOrderedEpoch(),
                        Mode.FAIR,
                        List.of(new OrderLine(product, 1)),
                        Instant.now(),
                        new ReplyAddress(replyTopic, 0),
                        "run-" + product))
                .toList();
    }

    private static List<UUID> ids(List<Order> orders) {
        return orders.stream().map(Order::id).toList();
    }

    private static ProducerRecord<String, byte[]> open(Order order) {
        return record(OrderTopics.FAIR_OPEN, order);
    }

    private static ProducerRecord<String, byte[]> record(String topic, Order order) {
        return new ProducerRecord<>(topic, Long.toString(order.productIds().get(0)), OrderJson.write(order));
    }

    private ProducerRecord<String, byte[]> answerable(String topic, String value, UUID orderId) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, Long.toString(product), value.getBytes(UTF_8));
        record.headers()
                .add(OrderTopics.HEADER_ORDER_ID, orderId.toString().getBytes(UTF_8))
                .add(OrderTopics.HEADER_REPLY_TOPIC, replyTopic.getBytes(UTF_8))
                .add(OrderTopics.HEADER_REPLY_PARTITION, "0".getBytes(UTF_8));
        return record;
    }

    private static ProducerRecord<String, byte[]> copy(ConsumerRecord<String, byte[]> record) {
        return new ProducerRecord<>(record.topic(), null, record.key(), record.value(), record.headers());
    }

    private List<ConsumerRecord<String, byte[]>> forwarded(Map<TopicPartition, Long> since, Order order) {
        return kafka.since(since).stream()
                .filter(record ->
                        new String(record.value(), UTF_8).contains(order.id().toString()))
                .toList();
    }

    private void awaitReplies(int count) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> answered().stream().distinct().count() >= count);
    }

    private List<Decision> decisions() {
        return kafka.since(replies).stream()
                .map(reply -> {
                    try {
                        return OrderJson.readDecision(reply.value());
                    } catch (OrderJson.UnreadableMessageException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    private List<UUID> answered() {
        return decisions().stream().map(Decision::orderId).toList();
    }

    /** Of the product, in the order of commits. */
    private List<Row> rows() {
        return jdbc.query(
                "SELECT order_id, status, ticket, replay_run FROM orders"
                        + " WHERE JSON_EXTRACT(order_lines, '$[0][0]') = ? ORDER BY commit_seq",
                (row, number) -> new Row(
                        StandardBinaryCodec.INSTANCE.decode(row.getBytes("order_id")),
                        row.getString("status"),
                        row.getLong("ticket"),
                        row.getString("replay_run")),
                product);
    }

    private int stock() {
        Integer quantity =
                jdbc.queryForObject("SELECT quantity FROM stock WHERE product_id = ?", Integer.class, product);
        return quantity == null ? -1 : quantity;
    }
}

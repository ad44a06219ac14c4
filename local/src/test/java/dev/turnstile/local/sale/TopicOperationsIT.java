package dev.turnstile.local.sale;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.KafkaFaults;
import dev.turnstile.local.fault.ProcessFaults;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.ProcessSetup;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.order.Shortage;
import dev.turnstile.proof.Proofs;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.OrderRow;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * What operators do to topics and groups while orders flow, on a broker and a ledger of its own. The clocks of both
 * workers are wrong by 90 days, in different directions.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(600)
class TopicOperationsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PARTITIONS = 12;
    private static final Map<String, List<String>> WORKERS = Map.of(
            "worker-1", List.of("--turnstile.clock.offset=P90D"),
            "worker-2",
                    List.of(
                            "--turnstile.clock.offset=P-90D",
                            "--spring.kafka.consumer.properties.group.protocol=consumer"));

    private final String schema = "operations_" + UUID.randomUUID().toString().replace("-", "");
    private JdbcTemplate shared;
    private RunFolder run;
    private ServerStack servers;
    private TurnstileSystem system;
    private Shop shop;
    private KafkaClient kafka;
    private Admin admin;

    @BeforeAll
    void startSystem() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "may make schemas, and needs a broker of its own");
        ServerAddresses database = SharedStack.get().addresses();
        shared = new JdbcTemplate(
                new DriverManagerDataSource(database.jdbcUrl(), database.jdbcUser(), database.jdbcPassword()));
        shared.execute("CREATE DATABASE " + schema);
        ExternalServers own = new ExternalServers(
                null,
                new ExternalServers.Jdbc(
                        database.jdbcUrl().replaceFirst("/[a-z]+\\?", "/" + schema + "?"),
                        database.jdbcUser(),
                        database.jdbcPassword()),
                null,
                database.redlockNodes());
        ProjectFiles project = ProjectFiles.locate();
        run = RunFolder.open(project.runs());
        servers = ServerStack.start(project, run, own, null, line -> {});
        system = TurnstileSystem.start(
                project,
                run,
                servers,
                new SystemOptions(1, 1, SystemOptions.ANY_PORT, FairPartitionKey.PRODUCT),
                name -> {
                    ProcessSetup setup = ProcessSetup.on(servers.addresses());
                    for (String argument : WORKERS.getOrDefault(name, List.of())) {
                        setup = setup.with(argument);
                    }
                    return name.startsWith("worker") ? setup.with("--turnstile.retention.interval=200ms") : setup;
                });
        shop = new Shop(system, servers.addresses());
        kafka = new KafkaClient(servers.addresses().kafka());
        admin = Admin.create(Map.of("bootstrap.servers", servers.addresses().kafka()));
    }

    @AfterAll
    void stopSystem() {
        if (run != null) {
            admin.close();
            kafka.close();
            shop.close();
            run.close();
            shared.execute("DROP DATABASE " + schema);
        }
    }

    @Test
    @Order(1)
    void addedPartitionsAreReadWithinSecondsAndNothingInThemIsAnOrphan() throws Exception {
        Rush fair = Rush.begin(shop, Mode.FAIR, 100, Duration.ofSeconds(4));
        fair.awaitDecided(1);
        int more = PARTITIONS + 2;
        admin.createPartitions(OrderTopics.OF_ORDERS.stream()
                        .collect(Collectors.toMap(topic -> topic, topic -> NewPartitions.increaseTo(more))))
                .all()
                .get();
        long product = shop.product(4);
        for (int partition = PARTITIONS; partition < more; partition++) {
            kafka.send(List.of(
                    record(OrderTopics.DISTRIBUTED, partition, product),
                    record(OrderTopics.FAIR_OPEN, partition, product)));
        }

        await().atMost(PATIENCE).until(() -> shop.decidedOrders(product) == 4);
        fair.assertUnnoticed();
        assertThat(shop.stock(product)).isEqualTo("0/0");
        assertThat(system.workers().get(0).log().file()).content().doesNotContain("was never published");
    }

    /** The worker is paused meanwhile, so that the new topics end behind its positions when it checks again. */
    @Test
    @Order(2)
    void nothingIsSkippedThatIsPublishedAfterATopicWasMadeAnew() throws Exception {
        long fair = shop.product(100);
        long distributed = shop.product(100);
        long open = shop.product(100);
        for (int i = 0; i < 3; i++) {
            assertThat(shop.send(Mode.FAIR, Shop.order(fair, 1)).join().statusCode())
                    .isEqualTo(200);
        }
        kafka.send(records(OrderTopics.DISTRIBUTED, distributed, 3));
        kafka.send(records(OrderTopics.FAIR_OPEN, open, 3));
        awaitDecided(3, distributed, open);

        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        try (FaultHandle frozen = ProcessFaults.freeze(system.workers().get(0))) {
            admin.deleteTopics(OrderTopics.OF_ORDERS).all().get();
            admin.createTopics(OrderTopics.OF_ORDERS.stream()
                            .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                            .toList())
                    .all()
                    .get();
            kafka.send(records(OrderTopics.DISTRIBUTED, distributed, 6));
            kafka.send(records(OrderTopics.FAIR_OPEN, open, 6));
            for (int i = 0; i < 6; i++) {
                answers.add(shop.send(Mode.FAIR, Shop.order(fair, 1)));
            }
            await().atMost(PATIENCE).until(() -> {
                answers.replaceAll(
                        answer -> isUnavailable(answer) ? shop.send(Mode.FAIR, Shop.order(fair, 1)) : answer);
                return ends(OrderTopics.FAIR) >= 6;
            });
        }

        awaitDecided(9, distributed, open);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(shop.decidedOrders(fair)).isGreaterThanOrEqualTo(9));
        assertThat(answers).allMatch(answer -> answer.join().statusCode() == 200);
    }

    /** Whether it was not published in time, while the broker had no such topic: its client sends it again. */
    private static boolean isUnavailable(CompletableFuture<HttpResponse<String>> answer) {
        return answer.isDone() && answer.join().statusCode() == 503;
    }

    @Test
    @Order(3)
    void nothingIsSkippedThatIsPublishedAfterATopicLostItsTail() throws Exception {
        ChildProcess worker = system.workers().get(0);
        Map<String, Long> products = Map.of(
                OrderTopics.DISTRIBUTED, shop.product(100),
                OrderTopics.FAIR_OPEN, shop.product(100));
        for (Map.Entry<String, Long> topic : products.entrySet()) {
            kafka.send(List.of(record(topic.getKey(), 0, topic.getValue())));
        }
        List<Path> logs =
                products.keySet().stream().map(this::logOfFirstPartition).toList();
        List<Long> kept = new ArrayList<>();
        for (Path log : logs) {
            kept.add(Files.size(log));
        }
        for (Map.Entry<String, Long> topic : products.entrySet()) {
            kafka.send(
                    List.of(record(topic.getKey(), 0, topic.getValue()), record(topic.getKey(), 0, topic.getValue())));
        }
        Long[] each = products.values().toArray(Long[]::new);
        awaitDecided(3, each);

        worker.stop();
        servers.kafka().process().kill();
        for (int i = 0; i < logs.size(); i++) {
            try (FileChannel log = FileChannel.open(logs.get(i), StandardOpenOption.WRITE)) {
                assertThat(log.size()).isGreaterThan(kept.get(i));
                log.truncate(kept.get(i));
            }
        }
        servers.kafka().process().start();
        for (Map.Entry<String, Long> topic : products.entrySet()) {
            for (int i = 0; i < 4; i++) {
                kafka.send(List.of(record(topic.getKey(), 0, topic.getValue())));
            }
        }
        worker.start();

        awaitDecided(7, each);
    }

    @Test
    @Order(4)
    void offsetsThatAreSetBackToTheBeginningHoldUpNobodyForLong(TestReporter reporter) throws Exception {
        int count = Proofs.times(10_000, 500_000);
        ChildProcess worker = system.workers().get(0);
        publishDecided(count);
        worker.stop();
        try (KafkaFaults faults = new KafkaFaults(servers.addresses().kafka())) {
            faults.rewind("turnstile.fair", OrderTopics.FAIR, Integer.MAX_VALUE);
        }
        long product = shop.product(1);
        worker.start();

        long begun = System.nanoTime();
        HttpResponse<String> answer =
                shop.send(Mode.FAIR, Shop.order(product, 1)).join();
        Duration served = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        await().atMost(Duration.ofMinutes(5)).until(() -> committed("turnstile.fair") >= ends(OrderTopics.FAIR));
        Duration all = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(worker.log().file()).content().doesNotContain("OutOfMemoryError");
        Proofs.show(
                reporter,
                "a worker of 256 MB reads a topic of decided orders from its beginning, and serves the head of the line meanwhile",
                "%,d orders in %d ms; the head was served after %d ms"
                        .formatted(count, all.toMillis(), served.toMillis()));
        assertThat(served).isLessThan(Duration.ofSeconds(5));
    }

    private void publishDecided(int count) throws Exception {
        DriverManagerDataSource ledger = shop.dataSource();
        Installation installation = Installation.of(ledger);
        TicketMac macs = new TicketMac(installation);
        long ticket = 0;
        try (Connection connection = ledger.getConnection()) {
            for (int done = 0; done < count; done += 5_000) {
                List<OrderRow> rows = new ArrayList<>();
                List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
                for (int i = done; i < Math.min(count, done + 5_000); i++) {
                    long product = 1_000_000L + i % 1000;
                    dev.turnstile.order.Order order = new dev.turnstile.order.Order(
                            UuidCreator.getTimeOrderedEpoch(),
                            Mode.FAIR,
                            List.of(new OrderLine(product, 1)),
                            Instant.now(),
                            new ReplyAddress(OrderTopics.REPLIES, PARTITIONS - 1),
                            null);
                    rows.add(OrderRow.unfenced(
                            order,
                            new Outcome.OutOfStock(List.of(new Shortage(product, 1, 0))),
                            ++ticket,
                            Instant.now()));
                    ProducerRecord<String, byte[]> record =
                            new ProducerRecord<>(OrderTopics.FAIR, Long.toString(product), OrderJson.write(order));
                    record.headers()
                            .add(
                                    OrderTopics.HEADER_ORDER_ID,
                                    order.id().toString().getBytes(UTF_8))
                            .add(
                                    OrderTopics.HEADER_TICKET,
                                    Long.toString(ticket).getBytes(UTF_8))
                            .add(OrderTopics.HEADER_TICKET_MAC, macs.of(new Ticket(ticket), record.value()))
                            .add(
                                    OrderTopics.HEADER_INSTALLATION,
                                    installation.id().toString().getBytes(UTF_8));
                    records.add(record);
                }
                OrderRow.insertAll(connection, rows, "");
                kafka.send(records);
            }
        }
    }

    @Test
    @Order(5)
    void workersOfTheOtherGroupProtocolTakeOverFromThoseOfTheClassicOne() {
        system.addWorker();
        Rush.begin(shop, Mode.FAIR, 50, Duration.ofSeconds(1)).assertUnnoticed();
        system.workers().get(0).stop();
        Rush fair = Rush.begin(shop, Mode.FAIR, 50, Duration.ofSeconds(1));
        Rush.begin(shop, Mode.DISTRIBUTED, 50, Duration.ofSeconds(1)).assertUnnoticed();
        fair.assertUnnoticed();
    }

    /** Both workers have looked for old orders all the time. */
    @Test
    @Order(6)
    void noClockOfAWorkerDeletesAnOrder() throws Exception {
        assertThat(shop.count("topic_ends")).as("a worker looked").isPositive();
        assertThat(shop.jdbc().queryForObject("SELECT orders FROM retention", Long.class))
                .as("deleted")
                .isZero();
        shop.jdbc().update("UPDATE orders SET recorded_at = recorded_at - INTERVAL 91 DAY");
        shop.jdbc().update("DELETE FROM topic_ends");
        await().atMost(PATIENCE).until(() -> shop.count("topic_ends") > 0);
        assertThat(shop.count("orders")).as("the topics hold them").isPositive();
    }

    private void awaitDecided(int count, Long... products) {
        for (long product : products) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(shop.decidedOrders(product))
                    .as("decided of product %d", product)
                    .isEqualTo(count));
        }
    }

    private Path logOfFirstPartition(String topic) {
        return run.data("kafka").resolve("log").resolve(topic + "-0").resolve("00000000000000000000.log");
    }

    private long ends(String topic) throws Exception {
        return kafka.ends(topic).values().stream().mapToLong(Long::longValue).sum();
    }

    private long committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                .mapToLong(position -> position.offset())
                .sum();
    }

    private static List<ProducerRecord<String, byte[]>> records(String topic, long product, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> record(topic, 0, product))
                .toList();
    }

    private static ProducerRecord<String, byte[]> record(String topic, int partition, long product) {
        dev.turnstile.order.Order order = new dev.turnstile.order.Order(
                UuidCreator.getTimeOrderedEpoch(),
                topic.equals(OrderTopics.DISTRIBUTED) ? Mode.DISTRIBUTED : Mode.FAIR,
                List.of(new OrderLine(product, 1)),
                Instant.now(),
                null,
                null);
        return new ProducerRecord<>(topic, partition, Long.toString(product), OrderJson.write(order));
    }
}

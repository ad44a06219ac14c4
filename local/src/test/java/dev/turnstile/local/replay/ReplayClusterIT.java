package dev.turnstile.local.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.Turnstile;
import dev.turnstile.local.process.Jvm;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.proof.Proofs;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A short sale over HTTP in each mode, replayed by the command line. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplayClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long A = 8_000_001;
    private static final long B = 8_000_002;
    private static final int ORDERS = 80;
    private static final int STOCK = 30;

    /** Share of its time that a replay takes at least: if its first order is late, its last one follows sooner. */
    private static final double LEAST = Proofs.wanted() ? 0.98 : 0.5;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private RunFolder run;
    private TurnstileSystem system;
    private JdbcTemplate jdbc;
    private List<String> target;

    @BeforeAll
    void startSystem() throws Exception {
        run = RunFolder.open(ProjectFiles.locate().runs());
        ServerAddresses servers = SharedStack.get().addresses();
        target = List.of(
                "--kafka=" + servers.kafka(),
                "--mysql-url=" + servers.jdbcUrl(),
                "--mysql-user=" + servers.jdbcUser(),
                "--mysql-password=" + servers.jdbcPassword());
        system = SharedSystem.start(
                run,
                1,
                2,
                FairPartitionKey.PRODUCT,
                // so that the recording holds rejected orders, too
                Map.of("api", List.of("--turnstile.line.stock-believed-for=0s")));
        jdbc = new JdbcTemplate(
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword()));
    }

    @AfterAll
    void stopSystem() {
        run.close();
    }

    @Test
    void aSaleComesOutAsRecordedAtEverySpeed() throws Exception {
        stock();
        Instant start = Instant.now();
        sell("fair");
        Instant end = Instant.now();
        String[] range = {"--topic=orders.fair", "--from=" + start, "--to=" + end};

        JsonNode once = replay(range);
        assertThat(once.path("counts").path("sent").asInt()).isEqualTo(ORDERS);
        assertThat(once.path("counts").path("answered").asInt()).isEqualTo(ORDERS);
        double recordedMs = once.path("recordedMs").asDouble();
        assertThat(once.path("sentMs").asDouble()).isGreaterThan(LEAST * recordedMs);
        if (Proofs.wanted()) { // on a machine that does nothing else
            assertThat(once.path("sentMs").asDouble()).isLessThan(1.05 * recordedMs + 100);
            assertThat(once.path("gaps").path("medianErrorPercent").asDouble())
                    .as(once.path("gaps").toString())
                    .isLessThan(5);
        }
        assertThat(once.path("gaps").path("count").asInt()).isGreaterThan(ORDERS / 4);
        assertSameTotals(once);
        assertRunIsInLedger(once);

        JsonNode tenfold = replay(range[0], range[1], range[2], "--speed=10");
        assertThat(tenfold.path("sentMs").asDouble()).isBetween(LEAST * recordedMs / 10, 0.5 * recordedMs);
        assertSameTotals(tenfold);

        JsonNode max = replay(range[0], range[1], range[2], "--speed=max");
        assertThat(max.path("sentMs").asDouble()).isLessThan(0.5 * recordedMs);
        assertThat(max.path("gaps").isNull()).isTrue();
        assertSameTotals(max);

        JsonNode few = replay(range[0], range[1], range[2], "--speed=max", "--count=11", "--rate=40");
        assertThat(few.path("counts").path("sent").asInt()).isEqualTo(11);
        assertThat(few.path("sentMs").asDouble()).isGreaterThan(LEAST * 250);

        JsonNode other = replay(range[0], range[1], range[2], "--speed=max", "--to-topic=orders.distributed");
        assertThat(other.path("targets").get(0).asString()).isEqualTo("orders.distributed");
        assertSameTotals(other);
        assertThat(jdbc.queryForList(
                        "SELECT DISTINCT mode FROM orders WHERE replay_run = ?",
                        String.class,
                        other.path("run").asString()))
                .containsExactly("DISTRIBUTED");
    }

    @Test
    void distributedOrdersAreReplayedWhereTheyWere() throws Exception {
        stock();
        Instant start = Instant.now();
        sell("distributed");
        JsonNode replayed =
                replay("--topic=orders.distributed", "--from=" + start, "--to=" + Instant.now(), "--speed=10");
        assertThat(replayed.path("targets").get(0).asString()).isEqualTo("orders.distributed");
        assertSameTotals(replayed);
    }

    @Test
    void aDryRunTellsAndSendsNothing() throws Exception {
        Instant start = Instant.now();
        order("fair", A).join();
        garbledRecord();
        abortedOrder();
        order("fair", B).join();
        String[] range = {"--topic=orders.fair", "--from=" + start, "--to=" + Instant.now()};
        long before = count("orders");

        assertThat(execute(range[0], range[1], range[2], "--dry-run"))
                .as(err.toString())
                .isZero();

        assertThat(out.toString())
                .contains("would send  2 orders of orders.fair", "to orders.fair.open, none is sent")
                .contains("products    2: ", "skipped     1 records that hold no order, the first: partition ")
                .as(
                        "the order of an aborted transaction, and the mark of its end; what has no record has no time either")
                .containsPattern("skipped +\\d+ offsets without a committed record");
        assertThat(count("orders")).isEqualTo(before);

        JsonNode sent = replay(range[0], range[1], range[2], "--speed=max");
        assertThat(sent.path("counts").path("sent").asInt()).isEqualTo(2);
        assertThat(sent.path("counts").path("unreadable").asInt()).isEqualTo(1);
        assertThat(sent.path("counts").path("withoutRecord").asInt()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void whatIsWrongIsOneLine() throws Exception {
        order("fair", A).join();
        assertOneLine("--topic: there is no topic orders.fiar", "--topic=orders.fiar");
        assertOneLine(
                "nothing to replay: orders.fair has no record from 2999-01-01T00:00:00Z; it holds",
                "--topic=orders.fair",
                "--from=2999-01-01T00:00Z");
        assertOneLine("nothing to replay: of the", "--topic=orders.replies");
        assertOneLine("--partition: orders.fair has ", "--topic=orders.fair", "--partition=1000");
    }

    /** As after Ctrl-C, which a test can't send to a process that was started in the background. */
    @Test
    void aStopEndsItWithAReport() throws Exception {
        stock();
        Instant start = Instant.now();
        sell("fair");
        long replayed = count("orders WHERE replay_run IS NOT NULL");
        Path file = folder.resolve("stopped.json");
        List<String> command = Jvm.command(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Turnstile.class.getName(),
                "replay",
                "--topic=orders.fair",
                "--from=" + start,
                "--to=" + Instant.now(),
                "--speed=0.01",
                "--json=" + file);
        command.addAll(target);
        File log = folder.resolve("log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            await().atMost(PATIENCE).until(() -> count("orders WHERE replay_run IS NOT NULL") > replayed);

            process.destroy();

            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
        assertThat(log).content().contains("ended early: it was stopped", "outcome");
        JsonNode result = JsonMapper.shared().readTree(file.toFile());
        assertThat(result.path("counts").path("sent").asInt()).isBetween(1, ORDERS - 1);
        assertThat(result.path("counts").path("missing").asInt()).isZero();
    }

    private void assertSameTotals(JsonNode result) {
        JsonNode comparison = result.path("comparison");
        assertThat(comparison.path("sameStock").asBoolean())
                .as(result.toString())
                .isTrue();
        assertThat(comparison.path("recorded")).isEqualTo(result.path("replayed"));
        assertThat(result.path("replayed").path("FULFILLED").asInt()).isEqualTo(2 * STOCK);
        assertThat(result.path("replayed").path("OUT_OF_STOCK").asInt()).isEqualTo(ORDERS - 2 * STOCK);
    }

    private void assertRunIsInLedger(JsonNode result) {
        String id = result.path("run").asString();
        assertThat(id).matches("replay-\\d{8}T\\d{6}Z-[0-9a-f]{6}");
        List<Long> tickets = jdbc.queryForList(
                "SELECT ticket FROM orders WHERE replay_run = ? AND JSON_EXTRACT(order_lines, '$[0][0]') = ?"
                        + " ORDER BY commit_seq",
                Long.class,
                id,
                A);
        assertThat(tickets).hasSize(ORDERS / 2).isSorted();
        assertThat(count("orders WHERE replay_run = '" + id + "'")).isEqualTo(ORDERS);
    }

    /** Restocks and replays; what was lost would make it fail. */
    private JsonNode replay(String... flags) throws IOException {
        stock();
        Path file = folder.resolve("result.json");
        List<String> all = new ArrayList<>(Arrays.asList(flags));
        all.add("--json=" + file);
        assertThat(execute(all.toArray(String[]::new))).as(err + "\n" + out).isZero();
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private void assertOneLine(String message, String... flags) {
        err.getBuffer().setLength(0);
        assertThat(execute(flags)).isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().startsWith("turnstile: " + message);
    }

    private int execute(String... flags) {
        out.getBuffer().setLength(0);
        return Turnstile.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Stream.of(Stream.of("replay"), Stream.of(flags), target.stream())
                        .flatMap(arguments -> arguments)
                        .toArray(String[]::new));
    }

    private void stock() {
        system.setStock(A, STOCK);
        system.setStock(B, STOCK);
    }

    /** Half of the orders want the one product, half the other, 20 to 40 ms after the one before. */
    private void sell(String mode) {
        Random random = new Random(1);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        long due = System.nanoTime();
        for (int i = 0; i < ORDERS; i++) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            answers.add(order(mode, i % 2 == 0 ? A : B));
            due += TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(21));
        }
        assertThat(answers.stream().map(answer -> answer.join().statusCode())).containsOnly(200, 409);
    }

    private CompletableFuture<HttpResponse<String>> order(String mode, long product) {
        URI uri = system.addresses().apis().get(0).resolve("/v1/stocks/locks/" + mode);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(
                        "PATCH",
                        BodyPublishers.ofString("{\"orders\":[{\"productId\":" + product + ",\"quantity\":1}]}"))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString());
    }

    private void garbledRecord() throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", SharedStack.get().addresses().kafka()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("orders.fair", "key", new byte[] {1, 2, 3}))
                    .get();
        }
    }

    private void abortedOrder() throws Exception {
        Order order = new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(A, 1)), Instant.now(), null, null);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", SharedStack.get().addresses().kafka(), "transactional.id", "" + order.id()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("orders.fair", "key", OrderJson.write(order)))
                    .get();
            producer.abortTransaction();
        }
    }

    private long count(String rows) {
        Long count = jdbc.queryForObject("SELECT COUNT(*) FROM " + rows, Long.class);
        return count == null ? 0 : count;
    }
}

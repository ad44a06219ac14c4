package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.demo.Expectation;
import dev.turnstile.local.demo.Experiment;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole system as processes: two APIs, three workers, the fair topic keyed by order id, so that every worker holds a
 * part of each product's line.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SaleClusterIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private RunFolder run;
    private TurnstileSystem system;
    private DriverManagerDataSource dataSource;
    private JdbcTemplate jdbc;
    private URI api;
    private long nextProduct = 1;

    @BeforeAll
    void startSystem() {
        run = RunFolder.open(ProjectFiles.locate().runs());
        ServerAddresses servers = SharedStack.get().addresses();
        system = SharedSystem.start(run, 2, 3, FairPartitionKey.ORDER);
        dataSource = new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        jdbc = new JdbcTemplate(dataSource);
        api = system.addresses().apis().get(0);
    }

    @AfterAll
    void stopSystem() {
        run.close();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void ninetyOfAHundredAreServedAndInFairModeTheTenLatestAreNot(Mode mode) throws Exception {
        assertHeld(sale(100, mode));
    }

    @Test
    void aThousandWaitWithoutAThreadEachAndTheOrderIsKept() throws Exception {
        CompletableFuture<Integer> mostThreads = CompletableFuture.supplyAsync(() -> {
            int most = 0;
            for (int i = 0; i < 200; i++) {
                most = Math.max(
                        most,
                        system.apis().stream()
                                .mapToInt(SaleClusterIT::threads)
                                .max()
                                .orElseThrow());
                CompletableFuture<Void> pause = new CompletableFuture<>();
                pause.completeOnTimeout(null, 10, TimeUnit.MILLISECONDS).join();
            }
            return most;
        });
        assertHeld(sale(1000, Mode.FAIR));
        assertThat(mostThreads.join()).as("threads of an API").isLessThan(150);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aWorkerKilledInTheMiddleLosesNothingAndNothingIsDoneTwice(Mode mode) throws Exception {
        List<ChildProcess> alive =
                system.workers().stream().filter(ChildProcess::isRunning).toList();
        ChildProcess victim = alive.get(new Random().nextInt(alive.size()));
        long product = nextProduct;
        CompletableFuture<Void> kill = CompletableFuture.runAsync(() -> {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> count("orders WHERE JSON_EXTRACT(order_lines, '$[0][0]') = " + product) > 0);
            victim.kill();
        });
        ModeResult result = sale(100, mode);
        kill.join();
        assertHeld(result);
        system.addWorker();
    }

    @Test
    void anApiKilledBetweenDrawAndPublishDoesNotBlockTheLine() throws Exception {
        long product = product(50);
        ChildProcess victim = system.apis().get(1);
        URI doomed = system.addresses().apis().get(1);
        List<CompletableFuture<Integer>> crowd = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            boolean toVictim = i % 2 == 0;
            crowd.add(http.sendAsync(
                            request(toVictim ? doomed : api, Mode.FAIR, BodyPublishers.ofString(order(product, 1))),
                            BodyHandlers.ofString())
                    .handle((answer, failure) -> failure == null ? answer.statusCode() : 0));
        }
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> count("orders WHERE JSON_EXTRACT(order_lines, '$[0][0]') = " + product) > 0);
        victim.kill();
        for (int i = 1; i < 400; i += 2) {
            assertThat(crowd.get(i).join())
                    .as("an order through the API that lives")
                    .isIn(200, 409);
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        send(Mode.FAIR, order(product, 1)).join().statusCode())
                .isEqualTo(409));
        assertThat(stock(product)).isEqualTo("0/0");
        victim.start();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void anOrderGetsAllItsLinesOrNoneAndItsAttemptRefusesNobodyElse(Mode mode) throws Exception {
        long a = product(3);
        long b = product(50);
        long c = product(0);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            bodies.add(order(a, 1, b, 1));
            bodies.add(order(b, 1, c, 1));
            bodies.add(order(b, 2));
        }
        Collections.shuffle(bodies);
        bodies.forEach(body -> answers.add(send(mode, body)));
        List<Integer> codes =
                answers.stream().map(answer -> answer.join().statusCode()).toList();
        assertThat(codes.stream().filter(code -> code == 200)).hasSize(3 + 20);
        assertThat(codes.stream().filter(code -> code == 409)).hasSize(17 + 20);
        assertThat(stock(a)).isEqualTo("0/0");
        assertThat(stock(b)).isEqualTo("7/7");
        assertThat(stock(c)).isEqualTo("0/0");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aRefusalSaysWhatIsShortAndIsFoundLater(Mode mode) throws Exception {
        long a = product(5);
        HttpResponse<String> answer = send(mode, order(a, 6)).join();
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("type").asString()).endsWith("out-of-stock");
        assertThat(problem.path("shortages").get(0).path("available").asInt()).isEqualTo(5);

        String orderId = problem.path("orderId").asString();
        URI other = system.addresses().apis().get(1);
        HttpResponse<String> found = get(other.resolve("/v1/orders/" + orderId));
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(found.body()).path("status").asString()).isEqualTo("OUT_OF_STOCK");
        assertThat(get(other.resolve("/v1/orders/01890a5d-ac96-774b-bcce-b302099a8057"))
                        .statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void anUnknownProductTakesNothingOfTheKnownOnes(Mode mode) throws Exception {
        long a = product(5);
        HttpResponse<String> answer = send(mode, order(a, 1, 999_999_999L, 1)).join();
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(JSON.readTree(answer.body()).path("type").asString()).endsWith("unknown-product");
        assertThat(stock(a)).isEqualTo("5/5");
    }

    static Stream<String> badBodies() {
        String line = "{\"productId\":1,\"quantity\":1}";
        return Stream.of(
                "",
                "no json",
                "[]",
                "null",
                "{}",
                "{\"orders\":[]}",
                "{\"orders\":null}",
                "{\"orders\":{}}",
                "{\"orders\":[null]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":-1}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":0}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":10001}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":99999999999999999999}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":1.5}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":1e400}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":\"1\"}]}",
                "{\"orders\":[{\"productId\":1,\"quantity\":true}]}",
                "{\"orders\":[{\"productId\":1}]}",
                "{\"orders\":[{\"productId\":0,\"quantity\":1}]}",
                "{\"orders\":[{\"productId\":-7,\"quantity\":1}]}",
                "{\"orders\":[{\"productId\":\"1\",\"quantity\":1}]}",
                "{\"orders\":[" + line + "],\"coupon\":\"FREE\"}",
                "{\"orders\":[{\"productId\":1,\"quantity\":1,\"price\":0}]}",
                "{\"orders\":[" + line + "]} trailing",
                "{\"orders\":[" + String.join(",", Collections.nCopies(51, line)) + "]}",
                "{\"orders\":" + "[".repeat(5000) + "]".repeat(5000) + "}",
                "{\"orders\":[" + line + "],\"x\":\"" + "x".repeat(1_000_000) + "\"}");
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void badInputIsAClearFourHundredAndChangesNothing(String body) throws Exception {
        for (Mode mode : Mode.values()) {
            refused(mode, BodyPublishers.ofString(body));
        }
    }

    @Test
    void invalidUtf8IsRefused() throws Exception {
        byte[] body = order(1, 1).getBytes(StandardCharsets.UTF_8);
        body[body.length / 2] = (byte) 0xff;
        refused(Mode.FAIR, BodyPublishers.ofByteArray(body));
    }

    private void refused(Mode mode, HttpRequest.BodyPublisher body) throws Exception {
        long before = count("orders");
        HttpResponse<String> answer = http.send(request(mode, body), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 499);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("type").asString()).isNotEmpty();
        assertThat(problem.path("detail").asString()).isNotEmpty();
        assertThat(answer.body()).doesNotContain("Exception", "dev.turnstile", "tools.jackson");
        assertThat(count("orders")).isEqualTo(before);
    }

    private ModeResult sale(int users, Mode mode) throws Exception {
        List<Long> products =
                LongStream.range(nextProduct, nextProduct + 3).boxed().toList();
        nextProduct += 3;
        Plan plan = new Plan(users, users * 9 / 10, products, Duration.ZERO, 0, PATIENCE);
        try (Experiment experiment =
                new Experiment(plan, system.addresses().apis(), TurnstileSystem.ADMIN_TOKEN, dataSource)) {
            return experiment.run(mode);
        }
    }

    private static void assertHeld(ModeResult result) {
        assertThat(result.expectations()).isNotEmpty().allMatch(Expectation::held);
    }

    private long product(int quantity) {
        system.setStock(nextProduct, quantity);
        return nextProduct++;
    }

    private String stock(long productId) throws IOException, InterruptedException {
        JsonNode stock =
                JSON.readTree(get(api.resolve("/v1/stocks/" + productId)).body());
        return stock.path("quantity").asString() + "/"
                + stock.path("cachedQuantity").asString();
    }

    private long count(String rows) {
        Long count = jdbc.queryForObject("SELECT COUNT(*) FROM " + rows, Long.class);
        return count == null ? 0 : count;
    }

    private static int threads(ChildProcess process) {
        try {
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            if (!Files.exists(status)) {
                return 0;
            }
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("Threads:"))
                    .mapToInt(line ->
                            Integer.parseInt(line.substring("Threads:".length()).trim()))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> send(Mode mode, String body) {
        return http.sendAsync(request(mode, BodyPublishers.ofString(body)), BodyHandlers.ofString());
    }

    private HttpRequest request(Mode mode, HttpRequest.BodyPublisher body) {
        return request(api, mode, body);
    }

    private static HttpRequest request(URI api, Mode mode, HttpRequest.BodyPublisher body) {
        String path = "/v1/stocks/locks/" + (mode == Mode.FAIR ? "fair" : "distributed");
        return HttpRequest.newBuilder(api.resolve(path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method("PATCH", body)
                .build();
    }

    private static String order(long... productsAndQuantities) {
        List<String> lines = IntStream.range(0, productsAndQuantities.length / 2)
                .mapToObj(i -> "{\"productId\":%d,\"quantity\":%d}"
                        .formatted(productsAndQuantities[2 * i], productsAndQuantities[2 * i + 1]))
                .toList();
        return "{\"orders\":[" + String.join(",", lines) + "]}";
    }
}

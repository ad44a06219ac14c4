package dev.turnstile.local.sale;

import static dev.turnstile.local.sale.Shop.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.audit.Check;
import dev.turnstile.local.demo.Expectation;
import dev.turnstile.local.demo.Experiment;
import dev.turnstile.local.demo.Keys;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.proof.Proofs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The whole system as processes: several APIs, three workers, the fair topic keyed by order id, so that every worker
 * holds a part of each product's line. The last on the shared system: some of its workers are killed.
 */
@OnSharedSystem
@Order(2)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SaleClusterIT {

    private TurnstileSystem system;
    private Shop shop;

    @BeforeAll
    void startSystem() {
        ServerAddresses servers = SharedStack.get().addresses();
        system = SharedSystem.get();
        shop = new Shop(system, servers);
    }

    @AfterAll
    void stopSystem() {
        shop.close();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void ninetyOfAHundredAreServedAndInFairModeTheTenLatestAreNot(Mode mode, TestReporter reporter) throws Exception {
        int sales = Proofs.times(1, 20);
        Proofs.show(
                reporter,
                mode == Mode.FAIR ? "90 of 100 are served, the 10 latest are not" : "90 of 100 are served, unordered",
                sales + " sales of 3 products to 100 users, 3 APIs, 3 workers");
        for (int sale = 0; sale < sales; sale++) {
            assertHeld(sale(100, mode));
        }
    }

    /** Scenario 38. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void theSameKeyFiftyTimesAtOnceThroughTwoApisIsOneOrder(Mode mode) throws Exception {
        long product = shop.product(10);
        String key = UUID.randomUUID().toString();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(sendWithKey(i % 2, mode, order(product, 1), key));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.join().statusCode()).as(answer.join().body()).isEqualTo(200);
            assertThat(answer.join().body()).isEqualTo(answers.get(0).join().body());
        }
        // one is answered as the first; on a busy machine the memory of requests is not always waited for
        assertThat(answers.stream().filter(answer -> answer.join()
                        .headers()
                        .firstValue("Idempotent-Replayed")
                        .isPresent()))
                .hasSizeBetween(1, 49);
        await().untilAsserted(() -> assertThat(shop.stock(product)).isEqualTo("9/9"));
        assertThat(shop.rows(product)).hasSize(1);

        for (int api = 0; api < 2; api++) {
            HttpResponse<String> other =
                    sendWithKey(api, mode, order(product, 2), key).join();
            assertThat(other.statusCode()).isEqualTo(422);
            assertThat(Shop.json(other).get("type").stringValue()).isEqualTo("/problems/key-reused");
        }
    }

    private CompletableFuture<HttpResponse<String>> sendWithKey(int api, Mode mode, String body, String key) {
        return shop.send(shop.apis().get(api), mode, BodyPublishers.ofString(body), "Idempotency-Key", key);
    }

    @Test
    void whoComesFirstIsServedFirstWhoeverKeepsTheOrders(TestReporter reporter) throws Exception {
        try (KafkaClient kafka = new KafkaClient(SharedStack.get().addresses().kafka())) {
            FirstComeFirstServed sales = new FirstComeFirstServed(shop, kafka);
            sales.hold(Proofs.times(2, 20), Proofs.times(200, 1000));
            Proofs.show(reporter, "first come, first served, keyed by order", sales.toString());
            sales.assertEachParks(3, 0.2);
        }
    }

    @Test
    void aThousandWaitWithoutAThreadEachAndTheOrderIsKept(TestReporter reporter) throws Exception {
        int users = Proofs.times(1000, 5000);
        Proofs.show(reporter, "waiting takes no thread, and the order is kept", "1 sale to " + users + " users");
        CompletableFuture<Integer> mostThreads = CompletableFuture.supplyAsync(() -> {
            int most = 0;
            for (int i = 0; i < 200; i++) {
                most = Math.max(
                        most,
                        system.apis().stream()
                                .mapToInt(SaleClusterIT::threads)
                                .max()
                                .orElseThrow());
                Shop.pause(10);
            }
            return most;
        });
        assertHeld(sale(users, Mode.FAIR));
        assertThat(mostThreads.join()).as("threads of an API").isLessThan(150);
    }

    /** None of them is known yet, and so none of them reads the ledger. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void aCrowdInWhichEachUserSendsAKeyIsServedLikeAnyOther(Mode mode) throws Exception {
        assertHeld(sale(1000, mode, shop.newProducts(1), Keys.ALL));
    }

    /** At the first decision of a sale in one mode, while another goes on in the other. */
    @Test
    void aWorkerKilledInTheMiddleLosesNothingAndNothingIsDoneTwice(TestReporter reporter) throws Exception {
        int kills = Proofs.times(1, 10);
        Proofs.show(
                reporter,
                "a worker killed with kill -9 in mid-sale loses nothing, and nothing is done twice",
                kills + " times a sale in each mode to 100 users, 1 of 3 workers killed during both");
        for (int kill = 0; kill < kills; kill++) {
            salesDuringWhichAWorkerIsKilled();
        }
    }

    private void salesDuringWhichAWorkerIsKilled() throws Exception {
        List<ChildProcess> alive = system.runningWorkers();
        ChildProcess victim = alive.get(new Random().nextInt(alive.size()));
        List<Long> fair = shop.newProducts(3);
        List<Long> distributed = shop.newProducts(3);
        CompletableFuture<Void> kill = CompletableFuture.runAsync(() -> {
            await().atMost(Shop.PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> shop.decidedOrders(fair.get(0)) + shop.decidedOrders(distributed.get(0)) > 0);
            victim.kill();
        });
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (Future<ModeResult> result : threads.invokeAll(List.<Callable<ModeResult>>of(
                    () -> sale(100, Mode.FAIR, fair), () -> sale(100, Mode.DISTRIBUTED, distributed)))) {
                assertHeld(result.get());
            }
        } finally {
            threads.shutdown();
        }
        kill.join();
        system.addWorker();
        await().atMost(Shop.PATIENCE).untilAsserted(() -> assertThat(shop.leftInLine())
                .as("left in the line by %s", victim.name())
                .isEmpty());
    }

    /**
     * Some are published and some are not; {@link SaleFailureIT} shows in every build what happens to those that are
     * never published.
     */
    @Test
    @Tag(Proofs.TAG)
    void anApiKilledBetweenDrawAndPublishDoesNotBlockTheLine() throws Exception {
        long product = shop.product(50);
        ChildProcess victim = system.apis().get(1);
        List<CompletableFuture<Integer>> crowd = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            boolean toVictim = i % 2 == 0;
            URI api = shop.apis().get(toVictim ? 1 : 0);
            crowd.add(shop.send(api, Mode.FAIR, BodyPublishers.ofString(order(product, 1)))
                    .handle((answer, failure) -> failure == null ? answer.statusCode() : 0));
        }
        await().atMost(Shop.PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> shop.decidedOrders(product) > 0);
        victim.kill();
        for (int i = 1; i < 400; i += 2) {
            assertThat(crowd.get(i).join())
                    .as("an order through the API that lives")
                    .isIn(200, 409);
        }
        await().atMost(Shop.PATIENCE).untilAsserted(() -> assertThat(
                        shop.send(Mode.FAIR, order(product, 1)).join().statusCode())
                .isEqualTo(409));
        assertThat(shop.stock(product)).isEqualTo("0/0");
        victim.start();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void anOrderGetsAllItsLinesOrNoneAndItsAttemptRefusesNobodyElse(Mode mode) throws Exception {
        long a = shop.product(3);
        long b = shop.product(50);
        long c = shop.product(0);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            bodies.add(order(a, 1, b, 1));
            bodies.add(order(b, 1, c, 1));
            bodies.add(order(b, 2));
        }
        Collections.shuffle(bodies);
        bodies.forEach(body -> answers.add(shop.send(mode, body)));
        List<Integer> codes =
                answers.stream().map(answer -> answer.join().statusCode()).toList();
        assertThat(codes.stream().filter(code -> code == 200)).hasSize(3 + 20);
        assertThat(codes.stream().filter(code -> code == 409)).hasSize(17 + 20);
        assertThat(shop.stock(a)).isEqualTo("0/0");
        assertThat(shop.stock(b)).isEqualTo("7/7");
        assertThat(shop.stock(c)).isEqualTo("0/0");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void stockThatIsSetWhileItIsSoldEndsInTheCacheAsInTheLedger(Mode mode) throws Exception {
        long product = shop.product(20);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            URI api = shop.apis().get(i % 2);
            answers.add(shop.send(api, mode, BodyPublishers.ofString(order(product, 1))));
            if (i % 25 == 24) {
                system.setStock(product, i % 50 == 24 ? 30 : 3);
            }
        }
        long sold = answers.stream()
                .map(answer -> answer.join().statusCode())
                .peek(status -> assertThat(status).isIn(200, 409))
                .filter(status -> status == 200)
                .count();
        long booked = shop.booked(product);
        assertThat(sold).isPositive().isLessThanOrEqualTo(booked);
        assertThat(shop.stock(product)).isEqualTo((booked - sold) + "/" + (booked - sold));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aRefusalSaysWhatIsShortAndIsFoundLater(Mode mode) throws Exception {
        long a = shop.product(5);
        HttpResponse<String> answer = shop.send(mode, order(a, 6)).join();
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = Shop.json(answer);
        assertThat(problem.path("type").asString()).endsWith("out-of-stock");
        assertThat(problem.path("shortages").get(0).path("available").asInt()).isEqualTo(5);

        String orderId = problem.path("orderId").asString();
        URI other = shop.apis().get(1);
        HttpResponse<String> found = shop.get(other.resolve("/v1/orders/" + orderId));
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(Shop.json(found).path("status").asString()).isEqualTo("OUT_OF_STOCK");
        assertThat(shop.get(other.resolve("/v1/orders/01890a5d-ac96-774b-bcce-b302099a8057"))
                        .statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void anUnknownProductTakesNothingOfTheKnownOnes(Mode mode) throws Exception {
        long a = shop.product(5);
        HttpResponse<String> answer =
                shop.send(mode, order(a, 1, 999_999_999L, 1)).join();
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(Shop.json(answer).path("type").asString()).endsWith("unknown-product");
        assertThat(shop.stock(a)).isEqualTo("5/5");
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
        long before = shop.count("orders");
        HttpResponse<String> answer = shop.send(shop.apis().get(0), mode, body).join();
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 499);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = Shop.json(answer);
        assertThat(problem.path("type").asString()).isNotEmpty();
        assertThat(problem.path("detail").asString()).isNotEmpty();
        assertThat(answer.body()).doesNotContain("Exception", "dev.turnstile", "tools.jackson");
        assertThat(shop.count("orders")).isEqualTo(before);
    }

    /** After all of the others, kills included: what the sales left behind is right down to the last key. */
    @Test
    @Order(Integer.MAX_VALUE)
    void anAuditOfAllSalesFindsNoViolation() throws Exception {
        AuditReport report = shop.assertAuditFindsNothing();
        assertThat(report.of(Check.TICKET_ORDER).checked()).isPositive();
        assertThat(report.of(Check.LOST_ORDERS).checked()).isPositive();
    }

    private ModeResult sale(int users, Mode mode) throws Exception {
        return sale(users, mode, shop.newProducts(3));
    }

    private ModeResult sale(int users, Mode mode, List<Long> products) throws Exception {
        return sale(users, mode, products, Keys.HALF);
    }

    private ModeResult sale(int users, Mode mode, List<Long> products, Keys keys) throws Exception {
        Plan plan = new Plan(users, users * 9 / 10, products, Duration.ZERO, 0, Shop.PATIENCE);
        try (Experiment experiment =
                new Experiment(plan, shop.apis(), TurnstileSystem.ADMIN_TOKEN, shop.dataSource())) {
            return experiment.run(mode, keys);
        }
    }

    private static void assertHeld(ModeResult result) {
        assertThat(result.expectations()).isNotEmpty().allMatch(Expectation::held);
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
}

package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.audit.Check;
import dev.turnstile.local.fault.Fault;
import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.FaultKit;
import dev.turnstile.local.fault.Network;
import dev.turnstile.local.fault.ProcessFaults;
import dev.turnstile.local.fault.TcpProxy;
import dev.turnstile.local.fault.TcpProxy.Direction;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.ProcessSetup;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.proof.Proofs;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Sales during which something goes wrong: two APIs and two workers as processes, all with wires of their own to the
 * servers, and with clocks that are minutes apart, which nothing may depend on. After each fault every accepted order
 * has one outcome, the sums hold, and the order of tickets was kept or overtaken orders are marked.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(120)
class SaleFailureIT {

    private static final Map<String, Duration> CLOCKS = Map.of(
            "api-0", Duration.ofMinutes(7),
            "api-1", Duration.ofMinutes(-5),
            "worker-1", Duration.ofMinutes(-9),
            "worker-2", Duration.ofMinutes(11));

    /** {@code turnstile.line.lease} and {@code turnstile.line.publish-limit} of all processes. */
    private static final Duration LEASE = Duration.ofSeconds(3);

    private static final Duration PUBLISH_LIMIT = Duration.ofSeconds(12);

    /** Of one process to the line's Redis, at most: 16, and 2 that listen. */
    private static final int CONNECTIONS = 18;

    private static final Duration WHILE = Duration.ofMillis(Proofs.times(1000, 1500));
    private static final int ORDERS = 200;
    private static final int MANY = 2000;
    private static final int KILLS = 30;
    private static final int PARTITIONS = 12;

    private ServerStack servers;
    private RunFolder run;
    private Network network;
    private TurnstileSystem system;
    private FaultKit kit;
    private Shop shop;

    @BeforeAll
    void startSystem() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers that it can kill");
        servers = SharedStack.get().embedded().orElseThrow();
        ProjectFiles project = ProjectFiles.locate();
        run = RunFolder.open(project.runs());
        network = Network.before(servers);
        system = TurnstileSystem.start(
                project,
                run,
                servers,
                new SystemOptions(2, 2, SystemOptions.ANY_PORT, FairPartitionKey.ORDER),
                name -> ProcessSetup.on(network.addresses(name)).withClockOffset(CLOCKS.get(name)));
        kit = new FaultKit(servers, system, network);
        shop = new Shop(system, servers.addresses());
    }

    @AfterEach
    void heal() {
        if (network != null) {
            network.pass();
        }
    }

    @AfterAll
    void stopSystem() {
        if (run != null) {
            shop.close();
            kit.close();
            run.close();
            network.close();
        }
    }

    /** Scenario 15. */
    @Test
    void clocksThatAreMinutesApartDecideNothing() {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        rush.assertUnnoticed();

        long now = System.currentTimeMillis();
        List<Shop.Row> rows = rush.rows();
        assertThat(rows)
                .anyMatch(row -> row.acceptedMs() > now + Duration.ofMinutes(6).toMillis());
        assertThat(rows)
                .anyMatch(row -> row.acceptedMs() < now - Duration.ofMinutes(4).toMillis());
    }

    /** Scenario 17. The holder is stopped when it waits for the row that it is about to change. */
    @Test
    void aWorkerThatIsStoppedPastItsLeaseIsPassedOverAndWritesNothingLater() {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        FaultHandle row = kit.mySql().holdRow(rush.product(), Duration.ofSeconds(30));
        String fence = awaitClaim(rush.product());
        ChildProcess holder = holderOf(fence);
        int before = rush.rows().size();
        try (FaultHandle frozen = ProcessFaults.freeze(holder)) {
            row.heal();
            rush.awaitDecided(before + 1);
        } finally {
            row.heal();
        }
        rush.assertUnnoticed();
        assertThat(rush.rows())
                .as("decided under the lost claim")
                .noneMatch(each -> fence.equals(Long.toString(each.fence())));
        Rush.begin(shop, Mode.FAIR, ORDERS, WHILE).assertUnnoticed();
    }

    /** Scenario 13. Its lease runs on, and a part of the line is parked under its name. */
    @Test
    void aWorkerThatIsKilledWithTheHeadOfTheLineHoldsItUpForTwoLeasesAtMost() {
        long product = shop.product(ORDERS);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        FaultHandle dead;
        try (FaultHandle row = kit.mySql().holdRow(product, Duration.ofSeconds(30))) {
            shop.apis().forEach(api -> answers.addAll(send(api, product, ORDERS / 2)));
            await().atMost(Shop.PATIENCE).until(() -> shop.line("parked").size() == ORDERS);
            ChildProcess holder = holderOf(awaitClaim(product));
            assertThat(shop.line("parked").values()).anyMatch(entry -> isNamedAfter(holder, entry));
            dead = ProcessFaults.kill(holder);
        }
        try (dead) {
            assertThat(untilDecided(product, ORDERS)).isLessThan(LEASE.multipliedBy(2));
        }
        assertThat(answers).allMatch(answer -> answer.join() == 200);
        await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
    }

    /** Scenario 13, again and again. All of the orders are parked, a half of them by the worker that is killed. */
    @Test
    @Tag(Proofs.TAG)
    @Timeout(1200)
    void aWorkerThatIsKilledAtAnyMomentHoldsUpTheLineForTwoLeasesAtMost(TestReporter reporter) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Long> stallsMs = new ArrayList<>();
        for (int kill = 0; kill < KILLS; kill++) {
            long product = shop.product(MANY);
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            try (FaultHandle row = kit.mySql().holdRow(product, Duration.ofSeconds(30))) {
                shop.apis().forEach(api -> answers.addAll(send(api, product, MANY / 2)));
                await().atMost(Shop.PATIENCE).until(() -> shop.line("parked").size() == MANY);
                awaitClaim(product);
            }
            Shop.pause(random.nextInt(200));
            ChildProcess victim =
                    system.workers().get(random.nextInt(system.workers().size()));
            try (FaultHandle dead = ProcessFaults.kill(victim)) {
                stallsMs.add(longestStallMs(product, decided -> decided == MANY));
            }
            assertThat(answers).as("seed %d", seed).allMatch(answer -> answer.join() == 200);
            assertThat(shop.count("orders WHERE overtaken AND JSON_EXTRACT(order_lines, '$[0][0]') = " + product))
                    .as("overtaken, seed %d", seed)
                    .isZero();
            await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
        }
        Collections.sort(stallsMs);
        long longest = stallsMs.get(KILLS - 1);
        Proofs.show(
                reporter,
                "a worker killed at a random moment, its orders parked, holds up the line for two leases at most",
                "%d kills, stall %d ms in the median, %d ms at most"
                        .formatted(KILLS, stallsMs.get(KILLS / 2), longest));
        assertThat(longest).as("stalls, seed %d: %s", seed, stallsMs).isLessThan(2 * LEASE.toMillis());
    }

    /** The longest time from now on without a decision, until the number of decided orders is as awaited. */
    private long longestStallMs(long product, LongPredicate awaited) {
        AtomicLong last = new AtomicLong(System.nanoTime());
        AtomicLong longest = new AtomicLong();
        AtomicLong decided = new AtomicLong(shop.decidedOrders(product));
        await().atMost(Shop.PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            long now = shop.decidedOrders(product);
            if (decided.getAndSet(now) != now) {
                longest.accumulateAndGet(System.nanoTime() - last.getAndSet(System.nanoTime()), Math::max);
            }
            return awaited.test(now);
        });
        return TimeUnit.NANOSECONDS.toMillis(longest.get());
    }

    /**
     * Scenario 13, again and again. Its way to Kafka is slow, so that many orders are between the draw and the topic.
     */
    @Test
    @Tag(Proofs.TAG)
    @Timeout(1800)
    void anApiThatIsKilledAtAnyMomentHoldsUpTheLineForItsLimitAndTwoLeasesAtMost(TestReporter reporter) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Long> stallsMs = new ArrayList<>();
        int lost = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            try (FaultHandle slow = network.wire("api-1", Network.KAFKA)
                    .delay(Direction.TO_SERVER, Duration.ofMillis(50), Duration.ofMillis(50))) {
                Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
                Shop.pause(random.nextInt(Math.toIntExact(WHILE.toMillis())));
                try (FaultHandle dead = ProcessFaults.kill(system.apis().get(1))) {
                    slow.heal();
                    stallsMs.add(longestStallMs(rush.product(), decided -> rush.isAnswered(0)));
                }
                rush.assertRight();
                lost += Math.toIntExact(rush.answered(0));
                assertThat(rush.rows()).as("seed %d", seed).noneMatch(Shop.Row::overtaken);
            }
        }
        Collections.sort(stallsMs);
        long longest = stallsMs.get(KILLS - 1);
        long bound = PUBLISH_LIMIT.plus(LEASE.multipliedBy(2)).toMillis();
        Proofs.show(
                reporter,
                "an API killed at a random moment holds up the line for its limit and two leases at most",
                "%d kills, %d buyers cut off, stall %d ms in the median, %d ms at most, of %d"
                        .formatted(KILLS, lost, stallsMs.get(KILLS / 2), longest, bound));
        assertThat(longest).as("stalls, seed %d: %s", seed, stallsMs).isLessThan(bound);
    }

    /** All of them wait at once, because the row that they want is held. */
    @Test
    @Tag(Proofs.TAG)
    void threeThousandWaitAtAnApiInHalfAGigabyte(TestReporter reporter) {
        int waiting = 3000;
        long product = shop.product(waiting);
        ChildProcess api = system.apis().get(0);
        List<CompletableFuture<Integer>> answers;
        long residentMb;
        try (FaultHandle row = kit.mySql().holdRow(product, Duration.ofSeconds(60))) {
            answers = send(shop.apis().get(0), product, waiting);
            await().atMost(Shop.PATIENCE).until(() -> shop.line("parked").size() == waiting);
            assertThat(answers).noneMatch(CompletableFuture::isDone);
            residentMb = api.residentMb().orElseThrow();
        }
        Proofs.show(
                reporter,
                "3,000 requests wait at an API in less than 512 MB",
                residentMb + " MB resident with all waiting");
        assertThat(answers).allMatch(answer -> answer.join() == 200);
        assertThat(residentMb).isLessThan(512);
    }

    /** Scenario 13. The orders at the head of the line will never be published. */
    @Test
    void anApiThatIsKilledBetweenDrawAndPublishHoldsUpTheLineForItsLimitAndTwoLeasesAtMost() {
        int each = 20;
        long product = shop.product(each);
        FaultHandle silent = network.wire("api-1", Network.KAFKA).swallow(Direction.TO_SERVER);
        List<CompletableFuture<Integer>> lost = send(shop.apis().get(1), product, each);
        await().atMost(Shop.PATIENCE).until(() -> shop.line("tickets").size() == each);
        List<CompletableFuture<Integer>> behind = send(shop.apis().get(0), product, each);
        await().atMost(Shop.PATIENCE).until(() -> shop.line("parked").size() == each);

        try (FaultHandle dead = ProcessFaults.kill(system.apis().get(1))) {
            assumeTrue(shop.line("tickets").size() == 2 * each, "it had given up to publish when it was killed");
            silent.heal();
            assertThat(untilDecided(product, each)).isLessThan(PUBLISH_LIMIT.plus(LEASE.multipliedBy(2)));
        } finally {
            silent.heal();
        }
        assertThat(behind).allMatch(answer -> answer.join() == 200);
        assertThat(lost).allMatch(answer -> answer.join() == 0);
        assertThat(shop.decidedOrders(product)).isEqualTo(each);
        await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
    }

    /** How long it takes from now until so many orders are decided. */
    private Duration untilDecided(long product, int orders) {
        long begun = System.nanoTime();
        await().atMost(Shop.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> shop.decidedOrders(product) == orders);
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Orders of one piece each, to one API. An answer of 0 is a broken connection. */
    private List<CompletableFuture<Integer>> send(URI api, long product, int orders) {
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < orders; i++) {
            answers.add(shop.send(api, Mode.FAIR, BodyPublishers.ofString(Shop.order(product, 1)))
                    .handle((answer, failure) -> failure == null ? answer.statusCode() : 0));
        }
        return answers;
    }

    /** Scenario 20. */
    @Test
    void theLinesRedisForgetsEverythingWhileARunIsDecided() {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        try (FaultHandle row = kit.mySql().holdRow(rush.product(), Duration.ofSeconds(30))) {
            awaitClaim(rush.product());
            kit.lineRedis().flushAll();
        }
        rush.assertRight();
        assertThat(rush.answered(200, 409)).isEqualTo(ORDERS);
    }

    /**
     * Scenario 20: as after a failover to a replica that was behind. Orders decided since are in the line again and
     * leave it, and orders drawn since are at their old positions.
     */
    @Test
    void theLinesRedisComesBackWithAnOlderMemory() {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        rush.awaitDecided(ORDERS / 8);
        FaultHandle setBack = ProcessFaults.rememberFiles(
                servers.lineRedis().process(), servers.lineRedis().data());
        rush.awaitDecided(ORDERS / 2);
        long epoch = Long.parseLong(shop.line("state").get("epoch"));
        setBack.heal();
        rush.assertRight();
        assertThat(Long.parseLong(shop.line("state").get("epoch"))).isGreaterThan(epoch);
        Rush.begin(shop, Mode.FAIR, ORDERS, WHILE).assertUnnoticed();
    }

    /** As after a failover to a copy from before its epochs, while the line lives and while it is lost with them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDatabaseThatForgotItsEpochsGivesNoneAgain(boolean lineLives) {
        JdbcTemplate ledger = new JdbcTemplate(new DriverManagerDataSource(
                servers.addresses().jdbcUrl(),
                servers.addresses().jdbcUser(),
                servers.addresses().jdbcPassword()));
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        rush.awaitDecided(ORDERS / 8);
        long epoch = Long.parseLong(shop.line("state").get("epoch"));
        ledger.update("DELETE FROM epochs");
        if (lineLives) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> ledger.queryForList("SELECT epoch FROM epochs WHERE scope = 'line'", Long.class)
                            .equals(List.of(epoch)));
        }
        kit.lineRedis().flushAll();
        rush.assertRight();
        Rush.begin(shop, Mode.FAIR, ORDERS / 4, Duration.ZERO).assertRight();
        assertThat(Long.parseLong(shop.line("state").get("epoch"))).isGreaterThan(epoch);
    }

    /**
     * Scenario 21a. Orders leave while the run that they are in can't commit, and while it is claimed again and can.
     */
    @Test
    void whoLeavesTheLineHasOneOutcomeTheOneThatWasAnswered() throws Exception {
        int buyers = ORDERS / 4;
        long product = shop.product(buyers);
        Map<UUID, HttpResponse<String>> left = new HashMap<>();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        try (FaultHandle row = kit.mySql().holdRow(product, Duration.ofSeconds(30))) {
            for (int i = 0; i < buyers; i++) {
                URI api = shop.apis().get(i % 2);
                answers.add(shop.send(api, Mode.FAIR, BodyPublishers.ofString(Shop.order(product, 1))));
            }
            List<UUID> waiting = await().atMost(Shop.PATIENCE)
                    .until(() -> shop.standing(product), orders -> orders.size() == buyers);
            String fence = awaitClaim(product);
            for (UUID orderId : waiting.subList(0, buyers / 4)) {
                left.put(
                        orderId,
                        shop.leave(shop.apis().get(left.size() % 2), orderId).join());
            }
            assertThat(left.values()).as("nothing was committed yet").allMatch(answer -> answer.statusCode() == 200);
            await().atMost(Shop.PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> !fence.equals(shop.line("held").getOrDefault(Long.toString(product), fence)));
            Map<UUID, CompletableFuture<HttpResponse<String>>> leaving = new HashMap<>();
            for (UUID orderId : waiting.subList(buyers / 4, buyers)) {
                leaving.put(orderId, shop.leave(shop.apis().get(leaving.size() % 2), orderId));
                if (leaving.size() == buyers / 4) {
                    row.heal();
                }
            }
            leaving.forEach((orderId, answer) -> left.put(orderId, answer.join()));
        }
        int fulfilled = 0;
        for (CompletableFuture<HttpResponse<String>> future : answers) {
            HttpResponse<String> answer = future.get(Shop.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            UUID orderId = UUID.fromString(Shop.json(answer).path("orderId").asString());
            boolean cancelled = left.get(orderId).statusCode() == 200;
            assertThat(left.get(orderId).statusCode())
                    .as(left.get(orderId).body())
                    .isIn(200, 409);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(cancelled ? 410 : 200);
            assertThat(shop.status(orderId)).isEqualTo(cancelled ? Outcome.CANCELLED : Outcome.FULFILLED);
            fulfilled += cancelled ? 0 : 1;
        }
        int remaining = buyers - fulfilled;
        await().atMost(Shop.PATIENCE)
                .untilAsserted(() ->
                        assertThat(shop.leftInLine()).as("left in the line").isEmpty());
        Rush.begin(shop, Mode.FAIR, ORDERS / 4, Duration.ZERO).assertUnnoticed();
        assertThat(shop.stock(product)).endsWith("/" + remaining).startsWith(remaining + "/");
    }

    /** Scenarios 7, 10. */
    @Test
    void subscribersThatAreCutOffAgainAndAgainMissNothing() {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        int killed = 0;
        while (!rush.isAnswered()) {
            killed += kit.lineRedis().killSubscribers();
            Shop.pause(20);
        }
        assertThat(killed).isPositive();
        rush.assertUnnoticed();
    }

    /** Scenario 6. */
    @ParameterizedTest
    @ValueSource(strings = {"held", "claims", "runs", "claimants"})
    void aKeyOfTheClaimThatIsDeletedByHandHoldsUpNobody(String key) {
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        try (FaultHandle row = kit.mySql().holdRow(rush.product(), Duration.ofSeconds(30))) {
            awaitClaim(rush.product());
            assertThat(kit.lineRedis().delete("turnstile:{line}:" + key)).isTrue();
        }
        rush.assertUnnoticed();
    }

    /** Scenario 35. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void recordsThatComeTwiceAreOrdersOnce(Mode mode) {
        String topic = mode == Mode.FAIR ? OrderTopics.FAIR : OrderTopics.DISTRIBUTED;
        Rush rush = Rush.begin(shop, mode, ORDERS, WHILE);
        rush.awaitDecided(ORDERS / 4);
        assertThat(kit.kafka().duplicate(topic, ORDERS / 4)).isEqualTo(ORDERS / 4);
        rush.assertUnnoticed();
        assertThat(kit.kafka().duplicate(topic, ORDERS)).isEqualTo(ORDERS);
        Rush.begin(shop, mode, ORDERS / 4, Duration.ZERO).assertUnnoticed();
        rush.assertUnnoticed();
    }

    /** Scenario 41. Slow wires stretch the transactions, so that connections are killed at any point of them. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void connectionsThatAreKilledAroundTheirCommitLeaveNoDoubt(Mode mode) {
        Rush rush = Rush.begin(shop, mode, ORDERS, WHILE);
        rush.awaitDecided(1);
        int killed = 0;
        try (FaultHandle slow = Network.onEach(network.wiresTo(Network.MYSQL), wire -> slowBothWays(wire, 20))) {
            long begun = System.nanoTime();
            while (killed < Proofs.times(4, 8) && System.nanoTime() - begun < 10 * WHILE.toNanos()) {
                killed += kit.mySql().killTransactions();
            }
        }
        rush.assertRight();
        assertThat(rush.answered(200, 409)).isEqualTo(ORDERS);
        assertThat(killed).isPositive();
    }

    private static FaultHandle slowBothWays(TcpProxy wire, long delayMs) {
        Duration delay = Duration.ofMillis(delayMs);
        wire.delay(Direction.TO_CLIENT, delay, delay.dividedBy(2));
        return wire.delay(Direction.TO_SERVER, delay, delay.dividedBy(2));
    }

    @Test
    void ordersThatWereDecidedAreNotDecidedAgainWhenTheirOffsetsAreSetBack() {
        Rush fair = Rush.begin(shop, Mode.FAIR, ORDERS, Duration.ZERO);
        Rush distributed = Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, Duration.ZERO);
        fair.assertUnnoticed();
        distributed.assertUnnoticed();
        system.workers().parallelStream().forEach(ChildProcess::stop);

        assertThat(kit.kafka().rewind("turnstile.fair", OrderTopics.FAIR, ORDERS))
                .isGreaterThanOrEqualTo(ORDERS);
        assertThat(kit.kafka().rewind("turnstile.distributed", OrderTopics.DISTRIBUTED, ORDERS))
                .isGreaterThanOrEqualTo(ORDERS);
        Rush inBetween = Rush.begin(shop, Mode.FAIR, ORDERS / 4, Duration.ZERO);
        system.workers().parallelStream().forEach(ChildProcess::start);

        inBetween.assertRight();
        fair.assertUnnoticed();
        distributed.assertUnnoticed();
    }

    /** Scenario 35. */
    @Test
    void aBrokerThatIsKilledWithOrdersInFlightLosesNone() {
        Rush fair = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        Rush distributed = Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, WHILE);
        fair.awaitDecided(ORDERS / 4);
        distributed.awaitDecided(1);
        ProcessFaults.killAndRestart(servers.kafka().process());
        fair.assertRight();
        distributed.assertRight();
        for (Mode mode : Mode.values()) {
            long product = shop.product(1);
            await().atMost(Shop.PATIENCE)
                    .until(() -> shop.send(mode, Shop.order(product, 1)).join().statusCode() == 200);
            Rush.begin(shop, mode, ORDERS / 4, Duration.ZERO).assertUnnoticed();
        }
    }

    /** Scenario 9. */
    @Test
    @Tag(Proofs.TAG)
    void aTicketWhoseDrawIsNeverAnsweredLeavesNoGhost(TestReporter reporter) {
        Proofs.show(reporter, "a draw whose answer is lost leaves no ghost ticket", ORDERS / 8 + " draws");
        TcpProxy wire = network.wire("api-1", Network.LINE_REDIS);
        try (FaultHandle halfOpen = wire.swallow(Direction.TO_CLIENT)) {
            Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS / 4, Duration.ZERO);
            rush.awaitAnswers();
            assertThat(rush.answered(503))
                    .as("through the API that hears nothing")
                    .isPositive();
            assertThat(rush.answered(200)).as("through the other").isPositive();
            halfOpen.heal();
            rush.assertRight();
        }
        Rush.begin(shop, Mode.FAIR, ORDERS / 4, Duration.ZERO).assertUnnoticed();
    }

    /** Scenario 34. The first one's record takes long to the broker; those of all others are consumed before it. */
    @Test
    void theHeadOfTheLineIsReachedBehindAllTheOthers(TestReporter reporter) {
        int others = Proofs.times(300, 5000);
        Proofs.show(reporter, "the head of the line is reached behind all others", "1 behind " + others);
        long product = shop.product(1);
        CompletableFuture<HttpResponse<String>> first;
        List<CompletableFuture<HttpResponse<String>>> crowd = new ArrayList<>();
        try (FaultHandle slow = network.wire("api-1", Network.KAFKA)
                .delay(Direction.TO_SERVER, Duration.ofMillis(1500), Duration.ZERO)) {
            first = shop.send(shop.apis().get(1), Mode.FAIR, BodyPublishers.ofString(Shop.order(product, 1)));
            await().atMost(Shop.PATIENCE)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> shop.line("tickets").size() == 1);
            for (int i = 0; i < others; i++) {
                crowd.add(shop.send(shop.apis().get(0), Mode.FAIR, BodyPublishers.ofString(Shop.order(product, 1))));
            }
            assertThat(first.join().statusCode()).isEqualTo(200);
        }
        assertThat(crowd).allMatch(answer -> answer.join().statusCode() == 409);
        assertThat(shop.count("orders WHERE overtaken AND JSON_EXTRACT(order_lines, '$[0][0]') = " + product))
                .isZero();
    }

    /** Scenarios 29, 30. Every partition gets two of them, so that many a batch has both. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    void recordsThatNobodyCanReadStopNobodyAndAreAnswered(Mode mode) throws Exception {
        String topic = mode == Mode.FAIR ? OrderTopics.FAIR : OrderTopics.DISTRIBUTED;
        List<UUID> poisoned = new ArrayList<>();
        Rush rush = Rush.begin(shop, mode, ORDERS, WHILE);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers.addresses().kafka()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < 2 * PARTITIONS; i++) {
                UUID orderId = UUID.randomUUID();
                poisoned.add(orderId);
                Headers headers = new RecordHeaders();
                headers.add(OrderTopics.HEADER_ORDER_ID, orderId.toString().getBytes(StandardCharsets.US_ASCII));
                producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, "poison", "{\"v\":1,", headers))
                        .get(20, TimeUnit.SECONDS);
            }
        }
        rush.assertUnnoticed();
        await().atMost(Shop.PATIENCE)
                .untilAsserted(
                        () -> assertThat(poisoned).extracting(shop::status).containsOnly("INVALID"));
    }

    /** Scenario 28. Partitions move, there and back, while orders of them are parked. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    @Tag(Proofs.TAG)
    void aWorkerThatLeavesAndComesBackInMidSaleLosesNothing(Mode mode, TestReporter reporter) {
        int times = 5;
        Proofs.show(
                reporter, "a rebalance with orders in flight loses nothing, " + mode, times + " restarts of workers");
        for (int i = 0; i < times; i++) {
            Rush rush = Rush.begin(shop, mode, 5 * ORDERS, WHILE.multipliedBy(4));
            rush.awaitDecided(1);
            ProcessFaults.restart(system.workers().get(i % system.workers().size()));
            rush.assertRight();
            assertThat(rush.answered(200, 409)).isEqualTo(5 * ORDERS);
        }
    }

    /** Scenario 31. Its partitions move; it comes back with orders, locks and positions that are no longer its own. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    @Tag(Proofs.TAG)
    void aWorkerThatIsStoppedPastItsSessionComesBackAndNothingIsLostOrDoneTwice(Mode mode, TestReporter reporter) {
        Proofs.show(
                reporter,
                "a worker stalls past its session and comes back,  " + mode,
                "1 sale to " + 3 * ORDERS + " over 25 s");
        String group = mode == Mode.FAIR ? "turnstile.fair" : "turnstile.distributed";
        try (KafkaClient kafka = new KafkaClient(servers.addresses().kafka())) {
            Rush rush = Rush.begin(shop, mode, 3 * ORDERS, Duration.ofSeconds(25));
            rush.awaitDecided(ORDERS / 10);
            try (FaultHandle frozen = ProcessFaults.freeze(system.workers().get(0))) {
                await().atMost(Shop.PATIENCE).until(() -> kafka.members(group) == 1);
            }
            await().atMost(Shop.PATIENCE).until(() -> kafka.members(group) == 2);
            rush.assertRight();
        }
    }

    /** Scenario 4. */
    @Test
    @Tag(Proofs.TAG)
    void aRestartOfEverythingWithKeysLeftInRedisServesTheNextOrder(TestReporter reporter) {
        Proofs.show(
                reporter, "all is killed and started again, then the next order is served", "1 restart in mid-sale");
        List<ChildProcess> applications =
                Stream.concat(system.apis().stream(), system.workers().stream()).toList();
        Rush rush = Rush.begin(shop, Mode.FAIR, ORDERS, WHILE);
        rush.awaitDecided(1);
        applications.forEach(ProcessFaults::kill);
        servers.processes().forEach(ProcessFaults::kill);
        servers.processes().parallelStream().forEach(ChildProcess::start);
        applications.parallelStream().forEach(ChildProcess::start);
        Rush.begin(shop, Mode.FAIR, ORDERS, WHILE).assertUnnoticed();
        rush.assertRight();
    }

    /** Scenarios 1, 3, 11. */
    @ParameterizedTest
    @EnumSource(Mode.class)
    @Tag(Proofs.TAG)
    void aHundredBuyersWhoOrderAgainAndAgainAreAllServed(Mode mode, TestReporter reporter) {
        int buyers = 100;
        int ordersEach = 100;
        Proofs.show(reporter, "buyers in a loop are all served, nothing is left, " + mode, buyers + " × " + ordersEach);
        long product = shop.product(buyers * ordersEach);
        await().atMost(Shop.PATIENCE)
                .until(() -> shop.listenedTo() == system.workers().size());
        List<CompletableFuture<Integer>> served = new ArrayList<>();
        for (int buyer = 0; buyer < buyers; buyer++) {
            URI api = shop.apis().get(buyer % shop.apis().size());
            CompletableFuture<Integer> all = CompletableFuture.completedFuture(0);
            for (int i = 0; i < ordersEach; i++) {
                all = all.thenCompose(count -> shop.send(api, mode, BodyPublishers.ofString(Shop.order(product, 1)))
                        .thenApply(answer -> count + (answer.statusCode() == 200 ? 1 : 0)));
            }
            served.add(all);
        }
        assertThat(served).allMatch(count -> count.join() == ordersEach);
        assertThat(shop.listenedTo())
                .as("one channel per worker")
                .isEqualTo(system.workers().size());
        int clients = 1 + system.apis().size() + system.workers().size();
        assertThat(shop.connections()).as("connections, of the test too").isLessThanOrEqualTo(clients * CONNECTIONS);
        assertThat(shop.decidedOrders(product)).isEqualTo((long) buyers * ordersEach);
        await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
    }

    /** Whatever strikes, for up to four seconds, and is healed. */
    @Test
    @Tag(Proofs.TAG)
    @Timeout(1800)
    void aSaleDuringAnyFaultEndsRight(TestReporter reporter) {
        int rounds = 60;
        long seed = Long.getLong("turnstile.seed", System.nanoTime());
        Proofs.show(reporter, "a sale during any fault of the kit ends right", rounds + " faults, seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < rounds; round++) {
            Mode mode = random.nextBoolean() ? Mode.FAIR : Mode.DISTRIBUTED;
            Rush rush = Rush.begin(shop, mode, ORDERS, WHILE.multipliedBy(2));
            List<Fault> faults = kit.faults(List.of(rush.product()));
            Fault fault = faults.get(random.nextInt(faults.size()));
            long lasts = 500L + random.nextInt(3500);
            try {
                Shop.pause(random.nextInt(1000));
                try (FaultHandle healing = kit.strike(fault)) {
                    Shop.pause(lasts);
                }
                rush.assertRight();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "round " + round + ", " + mode + ", '" + fault + "' for " + lasts + " ms, -Dturnstile.seed="
                                + seed,
                        e);
            }
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void anAuditOfAllThatWentThroughThisFindsNoViolation() throws Exception {
        AuditReport report = shop.assertAuditFindsNothing();
        assertThat(report.of(Check.TICKET_ORDER).checked()).isPositive();
    }

    /**
     * Waits until a worker has a claim on a product whose row is held since before most of its orders came: two runs
     * may decide them all. Returns its fence. A claim whose run is committed, and that is about to be released, does
     * not count; tokens of locks may be the same numbers.
     */
    private String awaitClaim(long product) {
        return await().atMost(Shop.PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .until(
                        () -> shop.line("held").getOrDefault(Long.toString(product), ""),
                        fence ->
                                !fence.isEmpty() && shop.count("orders WHERE mode = 'FAIR' AND fence = " + fence) == 0);
    }

    /** The line's name of a worker is its id and something that no other process has. */
    private static boolean isNamedAfter(ChildProcess worker, String nameInLine) {
        return nameInLine.startsWith(worker.name() + "-");
    }

    private ChildProcess holderOf(String fence) {
        Map<String, String> claimants = shop.line("claimants");
        return system.workers().stream()
                .filter(worker -> isNamedAfter(worker, claimants.getOrDefault(fence, "")))
                .findFirst()
                .orElseThrow();
    }
}

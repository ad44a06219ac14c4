package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.MySqlFaults;
import dev.turnstile.local.fault.ProcessFaults;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.RedisServer;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.ProcessSetup;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.proof.Proofs;
import dev.turnstile.redis.RedisClients;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
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
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/**
 * The distributed mode while its masters die, its holders stall and its workers come and go: one API and two workers.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(120)
class DistributedModeIT {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration LOCK_WAIT = Duration.ofSeconds(6);
    private static final int ORDERS = 200;

    /** Of a run whose speed is measured. */
    private static final int MANY = 60_000;

    private ServerStack servers;
    private RunFolder run;
    private TurnstileSystem system;
    private Shop shop;
    private KafkaClient kafka;
    private List<RedissonClient> masters;

    @BeforeAll
    void startSystem() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers that it can kill");
        servers = SharedStack.get().embedded().orElseThrow();
        ProjectFiles project = ProjectFiles.locate();
        run = RunFolder.open(project.runs());
        SystemOptions options = new SystemOptions(1, 2, SystemOptions.ANY_PORT, FairPartitionKey.PRODUCT);
        ProcessSetup worker = ProcessSetup.on(servers.addresses())
                .with("--turnstile.redlock.lease=" + LEASE)
                .with("--turnstile.redlock.max-lease=" + LEASE)
                .with("--turnstile.worker.lock-wait=" + LOCK_WAIT);
        system = TurnstileSystem.start(
                project,
                run,
                servers,
                options,
                name -> name.startsWith("worker") ? worker : ProcessSetup.on(servers.addresses()));
        shop = new Shop(system, servers.addresses());
        kafka = new KafkaClient(servers.addresses().kafka());
        masters = servers.addresses().redlockNodes().stream()
                .map(node -> RedisClients.connect(node, Duration.ofSeconds(2)))
                .toList();
    }

    @AfterEach
    void heal() {
        if (servers != null) {
            servers.redlockNodes().stream()
                    .map(RedisServer::process)
                    .filter(process -> !process.isRunning())
                    .forEach(ChildProcess::start);
            awaitAllSeeded();
        }
    }

    @AfterAll
    void stopSystem() {
        if (run != null) {
            masters.forEach(RedissonClient::shutdown);
            kafka.close();
            shop.close();
            run.close();
        }
    }

    /** Their lines and locks know nothing of each other; both end at the rows. */
    @Test
    void bothModesOverTheSameProductsSellEachPieceOnce() throws Exception {
        int stock = ORDERS * 3 / 2;
        long one = shop.product(stock);
        long two = shop.product(stock);
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < ORDERS; i++) {
            for (Mode mode : Mode.values()) {
                answers.add(shop.send(mode, Shop.order(one, 1, two, 1)).thenApply(answer -> answer.statusCode()));
            }
        }
        assertThat(answers.stream().map(CompletableFuture::join).filter(status -> status == 200))
                .hasSize(stock);
        assertThat(answers.stream().map(CompletableFuture::join)).containsOnly(200, 409);
        assertThat(List.of(shop.stock(one), shop.stock(two))).containsOnly("0/0");
        List<Long> tickets = shop.rows(one).stream()
                .map(Shop.Row::ticket)
                .filter(Objects::nonNull)
                .toList();
        assertThat(tickets).isSorted();
        assertThat(shop.rows(one)).noneMatch(Shop.Row::overtaken);
    }

    /** Scenario 22. */
    @Test
    void aMasterThatIsKilledInMidSaleIsNotNoticed() {
        Rush rush = Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, Duration.ofMillis(1500));
        rush.awaitDecided(ORDERS / 4);
        ProcessFaults.kill(master(0));
        rush.assertUnnoticed();
    }

    /** The same at full speed: the rate from a second after the kill on, against the one before it. */
    @Test
    @Tag(Proofs.TAG)
    @Timeout(900)
    void aMasterThatIsKilledCostsNoThroughput(TestReporter reporter) throws Exception {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            long product = shop.product(MANY);
            long begun = shop.committed();
            system.workers().forEach(ChildProcess::suspend);
            kafka.sendDistributed(List.of(product), MANY);
            system.workers().forEach(ChildProcess::resume);
            double before = shop.ratePerSecond(begun + MANY / 10, begun + MANY / 2);
            ProcessFaults.kill(master(i % masters.size()));
            Shop.pause(1000);
            double after = shop.ratePerSecond(shop.committed(), begun + MANY * 19 / 20);
            ratios.add(after / before);
            await().atMost(Shop.PATIENCE).until(() -> shop.committed() >= begun + MANY);
            assertThat(shop.rows(product)).hasSize(MANY).allMatch(row -> row.status()
                    .equals("FULFILLED"));
            heal();
        }
        Collections.sort(ratios);
        double median = (ratios.get(4) + ratios.get(5)) / 2;
        Proofs.show(
                reporter,
                "one of three masters is killed in mid-run: throughput after a second, of that before",
                "%.2f in the median of 10 runs of %,d orders (%.2f to %.2f)"
                        .formatted(median, MANY, ratios.get(0), ratios.get(9)));
        assertThat(median).as("ratios %s", ratios).isGreaterThan(0.9);
    }

    @Test
    void withoutAMajorityEverybodyIsRefusedInTimeAndNothingIsSold() throws Exception {
        ProcessFaults.kill(master(0));
        ProcessFaults.kill(master(1));
        long begun = System.nanoTime();
        Rush refused = Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, Duration.ZERO);
        refused.awaitAnswers();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);

        assertThat(refused.answered(503)).isEqualTo(ORDERS);
        assertThat(took).isLessThan(LOCK_WAIT.plusSeconds(5));
        assertThat(refused.rows()).hasSize(ORDERS).allMatch(row -> row.status().equals("UNAVAILABLE"));
        int untouched = ORDERS * 9 / 10;
        assertThat(shop.stock(refused.product())).isEqualTo(untouched + "/" + untouched);

        master(0).start();
        master(1).start();
        awaitAllSeeded();
        Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, Duration.ZERO).assertUnnoticed();
        assertThat(refused.rows()).as("final").allMatch(row -> row.status().equals("UNAVAILABLE"));
    }

    /** As a backup makes it. A lock that is not won meanwhile is held by a worker that can't decide. */
    @Test
    void aLedgerThatTakesNoWritesForAWhileRefusesNobody() throws Exception {
        List<Rush> rushes = new ArrayList<>();
        try (Connection backup = shop.dataSource().getConnection();
                Statement statement = backup.createStatement()) {
            for (Mode mode : Mode.values()) {
                rushes.add(Rush.begin(shop, mode, ORDERS, Duration.ofSeconds(1)));
            }
            rushes.forEach(rush -> rush.awaitDecided(1));
            statement.execute("FLUSH TABLES WITH READ LOCK");
            Shop.pause(LOCK_WAIT.plusSeconds(1).toMillis());
            statement.execute("UNLOCK TABLES");
        }
        rushes.forEach(Rush::assertUnnoticed);
    }

    /** Scenarios 17, 18. It stalls while another session holds the row that it or its rival is about to write. */
    @Test
    @Timeout(1800)
    void aHolderThatIsStoppedPastItsLeaseWritesNothingLater(TestReporter reporter) {
        int stops = Proofs.times(1, 100);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MySqlFaults mySql = new MySqlFaults(servers.addresses());
        int holders = 0;
        for (int stop = 0; stop < stops; stop++) {
            Rush rush = Rush.begin(shop, Mode.DISTRIBUTED, ORDERS, Duration.ofMillis(600));
            rush.awaitDecided(1);
            Shop.pause(random.nextInt(300));
            ChildProcess stopped = system.workers().get(random.nextInt(2));
            FaultHandle frozen;
            try (FaultHandle row = mySql.holdRow(rush.product(), Duration.ofSeconds(10))) {
                Shop.pause(random.nextInt(100));
                frozen = ProcessFaults.freeze(stopped);
            }
            try (frozen) {
                Shop.pause(500);
                String owner = ownerOf(rush.product());
                Shop.pause(1500);
                holders += owner != null && owner.equals(ownerOf(rush.product())) ? 1 : 0;
                Shop.pause(LEASE.toMillis() - 2000 + random.nextInt(1000));
            }
            rush.assertUnnoticed();
            assertFencesGrow(rush, "seed " + seed + ", stop " + stop);
        }
        Proofs.show(
                reporter,
                "a worker that is stopped past its lease at a random moment writes nothing later, distributed",
                "%d stops, %d of them of the holder: 0 stale writes, 0 orders twice".formatted(stops, holders));
    }

    private static void assertFencesGrow(Rush rush, String run) {
        assertThat(rush.rows().stream().map(Shop.Row::fence))
                .as("in the order of the commits, %s", run)
                .isSorted();
    }

    /** Workers join and leave while orders flow. */
    @Test
    @Tag(Proofs.TAG)
    @Timeout(600)
    void workersThatComeAndGoLoseNothing(TestReporter reporter) {
        int rounds = 3;
        Proofs.show(
                reporter,
                "a third worker that joins and leaves while orders flow loses nothing, distributed",
                rounds + " times, " + 10 * ORDERS + " orders each");
        for (int round = 0; round < rounds; round++) {
            Rush rush = Rush.begin(shop, Mode.DISTRIBUTED, 10 * ORDERS, Duration.ofSeconds(45));
            rush.awaitDecided(ORDERS);
            ChildProcess joined = system.addWorker();
            Shop.pause(2000);
            joined.stop();
            assertThat(rush.isAnswered()).as("all answered before it left").isFalse();
            rush.assertUnnoticed();
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void anAuditOfAllThatWentThroughThisFindsNoViolation() throws Exception {
        shop.assertAuditFindsNothing();
    }

    private ChildProcess master(int number) {
        return servers.redlockNodes().get(number).process();
    }

    private void awaitAllSeeded() {
        masters.forEach(master -> await().atMost(Shop.PATIENCE).until(() -> isSeeded(master)));
    }

    private static boolean isSeeded(RedissonClient master) {
        return master.getBucket("turnstile:lock-fence", StringCodec.INSTANCE).isExists();
    }

    /** Who has the lock of a product at the first master, or null. */
    private @Nullable String ownerOf(long product) {
        return masters.get(0)
                .<String>getBucket("turnstile:lock:" + product, StringCodec.INSTANCE)
                .get();
    }
}

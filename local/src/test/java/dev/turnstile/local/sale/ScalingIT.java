package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.fault.Network;
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
import dev.turnstile.proof.Proofs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Does the distributed mode scale with its workers? Their database is ten milliseconds away, so that they wait for it
 * more than they take of this machine's processors, and each has one transaction of 50 orders under way at a time.
 */
@Tag(Proofs.TAG)
class ScalingIT {

    private static final Duration ONE_WAY = Duration.ofMillis(5);
    private static final int BATCH = 50;
    private static final int PRODUCTS = 1000;

    /** For each worker. */
    private static final int ORDERS = 8000;

    private record Measured(double perSecond, double processors) {}

    @Test
    @Timeout(900)
    void moreWorkersDecideMoreOrders(TestReporter reporter) throws Exception {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs a broker that it can put wires before");
        ServerStack servers = SharedStack.get().embedded().orElseThrow();
        ProjectFiles project = ProjectFiles.locate();
        SystemOptions options = new SystemOptions(1, 4, SystemOptions.ANY_PORT, FairPartitionKey.PRODUCT);
        try (RunFolder run = RunFolder.open(project.runs());
                Network network = Network.before(servers)) {
            TurnstileSystem system = TurnstileSystem.start(
                    project, run, servers, options, name -> ProcessSetup.on(network.addresses(name))
                            .with("--turnstile.worker.batch=" + BATCH)
                            .with("--turnstile.worker.parallelism=1"));
            try (Shop shop = new Shop(system, servers.addresses());
                    KafkaClient kafka = new KafkaClient(servers.addresses().kafka())) {
                List<Long> products = shop.newProducts(PRODUCTS);
                products.forEach(product -> system.setStock(product, 1_000_000));
                network.wiresTo(Network.MYSQL).forEach(wire -> {
                    wire.delay(Direction.TO_SERVER, ONE_WAY, Duration.ZERO);
                    wire.delay(Direction.TO_CLIENT, ONE_WAY, Duration.ZERO);
                });
                Map<Integer, List<Measured>> byWorkers = new TreeMap<>();
                // there and back, so that a machine that becomes slower or faster favours none
                for (int workers : List.of(4, 2, 1, 1, 2, 4)) {
                    system.setRunningWorkers(workers);
                    Measured measured = measure(system, shop, kafka, products, workers);
                    byWorkers.computeIfAbsent(workers, key -> new ArrayList<>()).add(measured);
                }
                double one = rate(byWorkers.get(1));
                Proofs.show(
                        reporter,
                        "distributed, 1,000 products, 10 ms to the database, one transaction of 50 at a time: 1, 2, 4 workers",
                        Stream.of(1, 2, 4)
                                .map(workers -> "%d: %,.0f orders/s (%.2f ×), %.1f processors"
                                        .formatted(
                                                workers,
                                                rate(byWorkers.get(workers)),
                                                rate(byWorkers.get(workers)) / one,
                                                byWorkers.get(workers).stream()
                                                        .mapToDouble(Measured::processors)
                                                        .average()
                                                        .orElseThrow()))
                                .toList()
                                .toString());
                assertThat(rate(byWorkers.get(2)) / one)
                        .as("2 workers against 1")
                        .isGreaterThan(1.8);
                assertThat(rate(byWorkers.get(4)) / one)
                        .as("4 workers against 1")
                        .isGreaterThan(3.2);
            }
        }
    }

    private static double rate(List<Measured> measured) {
        return measured.stream().mapToDouble(Measured::perSecond).average().orElseThrow();
    }

    private static Measured measure(
            TurnstileSystem system, Shop shop, KafkaClient kafka, List<Long> products, int workers) throws Exception {
        // moves the partitions, and warms up who has just started
        long warm = shop.committed();
        kafka.sendDistributed(products, ORDERS * workers / 4);
        shop.awaitCommitted(warm + ORDERS * workers / 4);

        List<ChildProcess> running = system.runningWorkers();
        int orders = ORDERS * workers;
        long begun = shop.committed();
        running.forEach(ChildProcess::suspend);
        kafka.sendDistributed(products, orders);
        running.forEach(ChildProcess::resume);
        shop.awaitCommitted(begun + orders / 10);
        Duration before = cpu(system);
        long from = System.nanoTime();
        double perSecond = shop.ratePerSecond(begun + orders / 5, begun + orders * 4 / 5);
        double processors = cpu(system).minus(before).toNanos() / (double) (System.nanoTime() - from);
        await().atMost(Shop.PATIENCE).until(() -> shop.committed() >= begun + orders);
        return new Measured(perSecond, processors);
    }

    /** Of all servers, APIs and workers that run. */
    private static Duration cpu(TurnstileSystem system) {
        return system.cpu().values().stream().reduce(Duration.ZERO, Duration::plus);
    }
}

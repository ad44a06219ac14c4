package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
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
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.proof.Proofs;
import io.netty.handler.codec.http.FullHttpRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * A database that suddenly decides some forty orders a second, and a crowd that sends many times more: an admitted
 * order meets its time, all others hear at once that the line is full, and soon after the crowd has gone nothing is
 * left.
 */
class OverloadIT {

    /**
     * For each statement of a run, there and back: the line then decides some hundred orders a second, or forty at
     * length.
     */
    private static final Duration ONE_WAY = Duration.ofMillis(10);

    private static final int RUN = Proofs.times(10, 4);

    /** As many as the line decides in five seconds. */
    private static final int LEAST_ROOM = 200;

    private static final Duration WAIT_LIMIT = Duration.ofSeconds(30);

    /** Twice as long where other work is done beside. */
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(Proofs.times(20, 10));

    /** When the machine does nothing else, refusals are answered within this; ms, by the 99th percentile. */
    private static final long REFUSED_WITHIN_MS = 50;

    /**
     * Until the new pace of the line is known, more orders are admitted than it can decide in time, and all wait behind
     * those.
     */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(4);

    @Test
    @Timeout(300)
    void whoIsLetInMeetsTheTimeAndTheOthersAreRefusedAtOnce(TestReporter reporter) throws Exception {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs a broker that it can put wires before");
        ServerStack servers = SharedStack.get().embedded().orElseThrow();
        ProjectFiles project = ProjectFiles.locate();
        SystemOptions options = new SystemOptions(1, 2, SystemOptions.ANY_PORT, FairPartitionKey.PRODUCT);
        int perSecond = 800;
        Duration load = Duration.ofSeconds(Proofs.times(3, 30));
        try (RunFolder run = RunFolder.open(project.runs());
                Network network = Network.before(servers)) {
            TurnstileSystem system = TurnstileSystem.start(
                    project,
                    run,
                    servers,
                    options,
                    name -> name.startsWith("worker")
                            ? ProcessSetup.on(network.addresses(name)).with("--turnstile.line.max-run=" + RUN)
                            : ProcessSetup.on(servers.addresses())
                                    .with("--turnstile.api.line-least-room=" + LEAST_ROOM));
            try (Shop shop = new Shop(system, servers.addresses())) {
                long product = shop.product(100_000_000);
                offer(system, product, 200, Duration.ofSeconds(Proofs.times(2, 10)))
                        .await(); // a warm-up
                await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
                network.wiresTo(Network.MYSQL).forEach(wire -> {
                    wire.delay(Direction.TO_SERVER, ONE_WAY, Duration.ZERO);
                    wire.delay(Direction.TO_CLIENT, ONE_WAY, Duration.ZERO);
                });

                long before = shop.committed();
                long begun = System.nanoTime();
                Answers answers = offer(system, product, perSecond, load);
                double decidedPerSecond = (answers.committedAtEnd(shop) - before) * 1e9 / answers.sentFor(begun);
                long gone = System.nanoTime();
                int inLine = shop.line("parked").size();
                await().atMost(Shop.PATIENCE).until(() -> shop.leftInLine().isEmpty());
                Duration drained = Duration.ofNanos(System.nanoTime() - gone);
                answers.await();

                String shown =
                        ("%,d orders/s offered for %d s, about %,.0f/s decided: %,d accepted, p99 %,d ms; %,d refused, p99 %d ms, and %d ms from the 5th second on;"
                                        + " the line had %,d and was empty %,d ms later; memory, KB, after a third and at the end: %s")
                                .formatted(
                                        perSecond,
                                        load.toSeconds(),
                                        decidedPerSecond,
                                        answers.accepted.getTotalCount(),
                                        answers.accepted.getValueAtPercentile(99) / 1000,
                                        answers.refused.getTotalCount(),
                                        answers.refused.getValueAtPercentile(99) / 1000,
                                        answers.refusedLater.getValueAtPercentile(99) / 1000,
                                        inLine,
                                        drained.toMillis(),
                                        answers.memory);
                Proofs.show(reporter, "a slow database under many times its load", shown);
                assertThat(drained).as(shown).isLessThan(DRAINED_WITHIN);
                assertThat(answers.statuses.keySet()).as(shown).containsOnly(200, 429);
                assertThat(decidedPerSecond).as(shown).isLessThan(perSecond / 2.0);
                assertThat(answers.refused.getTotalCount()).as(shown).isPositive();
                assertThat(answers.accepted.getValueAtPercentile(99) / 1000)
                        .as(shown)
                        .isLessThan(WAIT_LIMIT.toMillis());
                if (Proofs.wanted()) {
                    assertThat(answers.refusedLater.getValueAtPercentile(99) / 1000)
                            .as(shown)
                            .isLessThan(REFUSED_WITHIN_MS);
                    answers.memory.forEach(
                            (process, seen) -> assertThat(seen.get(1)).as(shown).isLessThan(seen.get(0) * 5 / 4));
                }
                network.pass();
                shop.assertAuditFindsNothing();
            }
        }
    }

    /** Sends at a rate that no answer holds up, each timed from when it was due. Returns when the last one is sent. */
    private static Answers offer(TurnstileSystem system, long product, int perSecond, Duration load) throws Exception {
        List<URI> apis = system.addresses().apis();
        FullHttpRequest request =
                OrderRequests.order(apis.get(0), OrderRequests.path(Mode.FAIR), List.of(new OrderLine(product, 1)));
        int count = (int) (perSecond * load.toSeconds());
        Answers answers = new Answers(new Connections(apis), count, system);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + TimeUnit.SECONDS.toNanos(i) / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            answers.send(request, due, due - start > NOTICED_WITHIN.toNanos());
            if (i == count / 3 || i == count - 1) {
                answers.noteMemory();
            }
        }
        answers.lastSent = System.nanoTime();
        return answers;
    }

    /** Written by the thread of the connections, read when all are there. */
    private static final class Answers {
        private final Histogram accepted = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
        private final Histogram refused = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
        private final Histogram refusedLater = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
        private final Map<Integer, Integer> statuses = new TreeMap<>();
        private final Map<String, List<Long>> memory = new TreeMap<>();
        private final Connections connections;
        private final CountDownLatch open;
        private final TurnstileSystem system;
        private long lastSent;

        Answers(Connections connections, int count, TurnstileSystem system) {
            this.connections = connections;
            this.open = new CountDownLatch(count);
            this.system = system;
        }

        void send(FullHttpRequest request, long due, boolean later) {
            CompletableFuture<Void> unused = connections.onThread(() -> connections.ask(0, request, arrival -> {
                statuses.merge(arrival.status(), 1, Integer::sum);
                long micros = Math.max(0, (arrival.at() - due) / 1000);
                (arrival.status() == 200 ? accepted : refused).recordValue(micros);
                if (later && arrival.status() != 200) {
                    refusedLater.recordValue(micros);
                }
                open.countDown();
            }));
        }

        void noteMemory() throws IOException {
            for (ChildProcess process : Stream.concat(system.apis().stream(), system.workers().stream())
                    .toList()) {
                memory.merge(
                        process.name(),
                        List.of(residentKb(process.pid())),
                        (before, now) -> List.of(before.get(0), now.get(0)));
            }
        }

        /** The memory of a process, KB; 0 where this machine does not report it. */
        private static long residentKb(long pid) throws IOException {
            Path status = Path.of("/proc/" + pid + "/status");
            if (!Files.exists(status)) {
                return 0;
            }
            try (Stream<String> lines = Files.lines(status)) {
                return lines.filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElse(0);
            }
        }

        long committedAtEnd(Shop shop) {
            return shop.committed();
        }

        double sentFor(long begun) {
            return lastSent - begun;
        }

        void await() throws InterruptedException {
            assertThat(open.await(WAIT_LIMIT.toSeconds() + 5, TimeUnit.SECONDS))
                    .as("all answered but %d, so far %s", open.getCount(), statuses)
                    .isTrue();
            connections.close();
        }
    }
}

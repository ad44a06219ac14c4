package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redlock on real masters. */
class RedlockIT extends ProductLockContractTest {

    private static RedlockNodes nodes;
    private static List<Redlock> processes;

    private final long product = ThreadLocalRandom.current().nextLong(1_000_000, 1L << 40);

    @BeforeAll
    static void connect() {
        nodes = new RedlockNodes();
        processes = List.of(nodes.connect(), nodes.connect());
    }

    @AfterAll
    static void close() {
        processes.forEach(Redlock::close);
        nodes.close();
    }

    @Override
    protected ProductLock lock(int process) {
        return processes.get(process);
    }

    private static Optional<Lease> acquire(Duration wait, Long... products) {
        return processes
                .get(0)
                .acquire(List.of(products), wait)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void outlastsItsLeaseWhileHeld() {
        Lease lease = acquire(Duration.ZERO, product).orElseThrow();
        Duration first = lease.remaining();
        long begun = System.nanoTime();

        await().atMost(Duration.ofSeconds(60))
                .until(() -> System.nanoTime() - begun > first.multipliedBy(2).toNanos());

        assertThat(lease.isHeld()).isTrue();
        assertThat(acquire(Duration.ZERO, product)).isEmpty();
        lease.release().toCompletableFuture().join();
    }

    @Test
    void isRefusedWhereAMajorityIsHeldElsewhereAndLeavesNoPartHeld() {
        nodes.holdForAnother(0, product, Duration.ofMinutes(1));
        nodes.holdForAnother(1, product, Duration.ofMinutes(1));

        assertThat(acquire(Duration.ZERO, product, product + 1)).isEmpty();

        await().untilAsserted(() -> {
            assertThat(nodes.holds(2, product)).isFalse();
            assertThat(IntStream.range(0, nodes.size())).noneMatch(node -> nodes.holds(node, product + 1));
        });
    }

    @Test
    void isAcquiredWhereAMinorityIsHeldElsewhere() {
        nodes.holdForAnother(0, product, Duration.ofMinutes(1));

        Lease lease = acquire(Duration.ofSeconds(5), product, product + 1).orElseThrow();

        assertThat(nodes.holds(0, product + 1)).isFalse();
        lease.release().toCompletableFuture().join();
        assertThat(nodes.holds(0, product)).as("the other's lock").isTrue();
    }

    /** The writer of such a key would hold the product for good. */
    @Test
    void aKeyThatNoLeaseEndsHoldsUpNobody() {
        nodes.writeForGood(0, product, "of another program");
        nodes.writeForGood(1, product, "of another program");
        nodes.writeList(2, product);

        Lease lease = acquire(Duration.ofSeconds(5), product).orElseThrow();
        assertThat(nodes.holds(0, product)).isTrue();
        lease.release().toCompletableFuture().join();
        await().untilAsserted(() ->
                assertThat(IntStream.range(0, nodes.size())).noneMatch(node -> nodes.holds(node, product)));
    }

    /** A counter that is none counts as lost: a new epoch takes its place, as after a restart. */
    @ParameterizedTest
    @ValueSource(strings = {"no number", "-5", "1.5", "9007199254740992", ""})
    void aDamagedCounterIsMadeAnew(String damaged) {
        List<Long> before = new ArrayList<>();
        for (int node = 0; node < nodes.size(); node++) {
            before.add(nodes.counter(node));
            nodes.damageCounter(node, damaged);
        }

        Lease lease = acquire(Duration.ofSeconds(20), product).orElseThrow();

        assertThat(lease.token()).isGreaterThan(Collections.max(before));
        lease.release().toCompletableFuture().join();
    }

    @Test
    void cancelledAcquisitionLeavesNoPartHeld() {
        CompletableFuture<Optional<Lease>> acquisition = processes
                .get(0)
                .acquire(List.of(product, product + 1), Duration.ofSeconds(5))
                .toCompletableFuture();

        if (!acquisition.cancel(false)) {
            // It was won before: then it is the caller's.
            acquisition.join().orElseThrow().release();
        }

        await().untilAsserted(() -> assertThat(IntStream.range(0, nodes.size()))
                .noneMatch(node -> nodes.holds(node, product) || nodes.holds(node, product + 1)));
    }

    @Test
    void closedProcessLeavesNothingHeld() {
        Redlock redlock = nodes.connect();
        Lease lease = redlock.acquire(List.of(product), Duration.ofSeconds(5))
                .toCompletableFuture()
                .join()
                .orElseThrow();

        redlock.close();

        assertThat(lease.lost().toCompletableFuture()).isCompleted();
        await().untilAsserted(() ->
                assertThat(IntStream.range(0, nodes.size())).noneMatch(node -> nodes.holds(node, product)));
    }
}

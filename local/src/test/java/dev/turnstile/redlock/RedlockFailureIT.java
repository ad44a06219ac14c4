package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.server.SharedStack;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redlock while its masters die, stop and forget. */
class RedlockFailureIT {

    private static final Duration TRY = Duration.ofSeconds(5);

    private final long product = ThreadLocalRandom.current().nextLong(1_000_000, 1L << 40);
    private RedlockNodes nodes;
    private Redlock redlock;

    @BeforeEach
    void connect() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers that it can kill");
        nodes = new RedlockNodes();
        redlock = nodes.connect();
        awaitAllSeeded();
    }

    @AfterEach
    void heal() {
        if (redlock == null) {
            return;
        }
        for (int node = 0; node < nodes.size(); node++) {
            if (process(node).isRunning()) {
                process(node).resume();
            } else {
                process(node).start();
            }
        }
        // Nodes are left as others expect them.
        awaitAllSeeded();
        redlock.close();
        nodes.close();
    }

    private static ChildProcess process(int node) {
        return SharedStack.get()
                .embedded()
                .orElseThrow()
                .redlockNodes()
                .get(node)
                .process();
    }

    private void awaitAllSeeded() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            acquire(product + 9).ifPresent(Lease::release);
            assertThat(nodes.isSeeded(0) && nodes.isSeeded(1) && nodes.isSeeded(2))
                    .as("all nodes count")
                    .isTrue();
        });
    }

    private Optional<Lease> acquire(Long... products) {
        return redlock.acquire(List.of(products), TRY)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void oneNodeDownCostsNothing() {
        Lease before = acquire(product).orElseThrow();
        process(0).kill();

        Lease other = acquire(product + 1).orElseThrow();

        assertThat(other.token()).isGreaterThan(before.token());
        assertThat(before.isHeld()).isTrue();
        before.release().toCompletableFuture().join();
        acquire(product).orElseThrow().release().toCompletableFuture().join();
    }

    @Test
    void oneNodeHangingCostsNothing() {
        process(1).suspend();

        for (int i = 0; i < 100; i++) {
            acquire(product).orElseThrow().release().toCompletableFuture().join();
        }

        process(1).resume();
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(nodes.holds(1, product))
                .as("late grants are released")
                .isFalse());
    }

    @Test
    void leaseIsLostWhenTheMajorityDies() {
        Lease lease = acquire(product).orElseThrow();

        process(0).kill();
        process(1).suspend();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(lease.lost().toCompletableFuture()).isCompleted());
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void nodeThatRestartsEmptyGrantsNothingUntilItIsSeededAndTokensGoOnGrowing() {
        Lease held = acquire(product).orElseThrow();
        process(0).kill();
        process(0).start();
        process(1).suspend();

        assertThat(redlock.acquire(List.of(product + 1), Duration.ZERO).toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(5))
                .isEqualTo(Optional.empty());
        assertThat(nodes.isSeeded(0)).isFalse();
        process(1).resume();
        awaitAllSeeded();

        Lease next = acquire(product + 1).orElseThrow();
        assertThat(next.token()).isGreaterThan(held.token());
        assertThat(nodes.counter(0)).as("counter of a new epoch").isGreaterThan(held.token());
        assertThat(held.isHeld()).as("on the nodes that remember").isTrue();
    }

    @Test
    void flushedNodesAreAsGoodAsRestartedOnes() {
        Lease held = acquire(product).orElseThrow();
        for (int node = 0; node < nodes.size(); node++) {
            nodes.flush(node);
        }

        assertThat(redlock.acquire(List.of(product), Duration.ZERO).toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(5))
                .isEqualTo(Optional.empty());
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(held.lost().toCompletableFuture()).isCompleted());
        awaitAllSeeded();

        assertThat(acquire(product).orElseThrow().token()).isGreaterThan(held.token());
    }
}

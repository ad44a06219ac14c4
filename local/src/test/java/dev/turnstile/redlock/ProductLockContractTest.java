package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.proof.Proofs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** What every lock of products keeps, seen by two processes that share nothing but the servers. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class ProductLockContractTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private final long product = ThreadLocalRandom.current().nextLong(1_000_000, 1L << 40);

    /** One of two locks that behave like those of two processes. */
    protected abstract ProductLock lock(int process);

    private static Optional<Lease> get(CompletionStage<Optional<Lease>> acquisition) {
        return acquisition.toCompletableFuture().orTimeout(90, TimeUnit.SECONDS).join();
    }

    private static void release(Lease lease) {
        lease.release().toCompletableFuture().join();
    }

    @Test
    void excludesTheOtherProcessUntilReleased() {
        Lease lease = get(lock(0).acquire(List.of(product), LONG)).orElseThrow();
        assertThat(get(lock(1).acquire(List.of(product), Duration.ofMillis(100))))
                .isEmpty();

        release(lease);
        Lease next = get(lock(1).acquire(List.of(product), LONG)).orElseThrow();

        assertThat(next.token()).isGreaterThan(lease.token());
        release(next);
    }

    @Test
    void takesAllProductsOrNone() {
        Lease one = get(lock(0).acquire(List.of(product + 1), LONG)).orElseThrow();

        assertThat(get(lock(1).acquire(List.of(product, product + 1, product + 2), Duration.ofMillis(100))))
                .isEmpty();

        Lease rest = get(lock(0).acquire(List.of(product, product + 2), LONG)).orElseThrow();
        release(one);
        release(rest);
    }

    @Test
    void doesNotExcludeOtherProducts() {
        Lease one = get(lock(0).acquire(List.of(product), LONG)).orElseThrow();
        Lease other = get(lock(1).acquire(List.of(product + 1), LONG)).orElseThrow();

        assertThat(one.isHeld()).isTrue();
        assertThat(other.isHeld()).isTrue();
        release(one);
        release(other);
    }

    @Test
    void releaseOfAnEndedLeaseTouchesNobodyElse() {
        Lease first = get(lock(0).acquire(List.of(product), LONG)).orElseThrow();
        release(first);
        Lease second = get(lock(1).acquire(List.of(product), LONG)).orElseThrow();

        release(first);

        assertThat(get(lock(0).acquire(List.of(product), Duration.ZERO))).isEmpty();
        release(second);
    }

    /** A counter that is read, left alone for a moment and written: without exclusion, updates get lost. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void losesNoUpdateOfASharedCounter(TestReporter reporter) throws Exception {
        int updates = Proofs.times(400, 10_000);
        int callers = 8;
        Proofs.show(
                reporter,
                "no update of a counter is lost under locks over crossing products, tokens grow",
                updates + " acquisitions of three products by " + callers + " callers in 2 processes");
        long[] counter = new long[1];
        AtomicInteger inside = new AtomicInteger();
        List<Long> tokens = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                ProductLock lock = lock(caller % 2);
                // Sets that cross each other: {a,b}, {b,c}, {c,a} have b, c, a and the counter's product in common.
                List<Long> products = List.of(product, product + 1 + caller % 3, product + 1 + (caller + 1) % 3);
                done.add(threads.submit(() -> {
                    for (int i = 0; i < updates / callers; i++) {
                        Lease lease = get(lock.acquire(products, LONG)).orElseThrow();
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        long read = counter[0];
                        LockSupport.parkNanos(100_000);
                        counter[0] = read + 1;
                        tokens.add(lease.token());
                        inside.decrementAndGet();
                        release(lease);
                    }
                }));
            }
            for (Future<?> caller : done) {
                caller.get();
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(counter[0]).isEqualTo(updates);
        assertThat(tokens).hasSize(updates).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void servesFiveHundredWaitersWithoutAThreadEach() {
        Executor releasing = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        List<CompletableFuture<Boolean>> served = IntStream.range(0, 500)
                .mapToObj(i -> lock(i % 2)
                        .acquire(List.of(product + i % 50), LONG)
                        .thenComposeAsync(
                                lease -> lease.isEmpty()
                                        ? CompletableFuture.completedStage(false)
                                        : lease.get().release().thenApply(released -> true),
                                releasing)
                        .toCompletableFuture())
                .toList();

        assertThat(served).allSatisfy(one -> assertThat(one.join()).isTrue());
    }
}

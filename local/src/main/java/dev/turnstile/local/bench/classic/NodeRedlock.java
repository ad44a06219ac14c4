package dev.turnstile.local.bench.classic;

import dev.turnstile.redis.RedisScript;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.redisson.api.RedissonClient;

/**
 * The Redlock of the classic way: the algorithm of node-redlock 4 with the settings of its manual (drift factor 0.01,
 * retry delay 200 ms, jitter ± 200 ms), one acquisition per order. It differs in one thing: instead of 10 retries an
 * order tries for 10 s, so that a crowd has the time to be served.
 *
 * <p>As in version 4, an attempt sends one script with all keys to every master and waits for every answer, and what
 * was won in vain is released before the next attempt.
 *
 * <p>It does not guarantee any order among the waiting, nor a fencing token, so a late holder is not noticed.
 */
final class NodeRedlock implements ClassicLock {

    private static final long LEASE_MS = 5_000;
    private static final double DRIFT_FACTOR = 0.01;
    private static final long DRIFT_MS = Math.round(DRIFT_FACTOR * LEASE_MS) + 2;
    private static final long RETRY_DELAY_MS = 200;
    private static final long RETRY_JITTER_MS = 200;
    private static final long TRIES_FOR_MS = 10_000;

    private static final String PREFIX = "classic:lock:";
    private static final RedisScript ACQUIRE = RedisScript.load("classic-redlock-acquire");
    private static final RedisScript RELEASE = RedisScript.load("classic-redlock-release");
    private static final int OWNER_BYTES = 16;

    private final List<RedissonClient> masters;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param masters independent; the clients are the caller's to close
     */
    NodeRedlock(List<RedissonClient> masters) {
        this.masters = List.copyOf(masters);
    }

    @Override
    public CompletableFuture<Held> acquire(UUID orderId, List<Long> productIds) {
        List<String> keys = productIds.stream().map(id -> PREFIX + id).toList();
        return attempt(keys, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TRIES_FOR_MS));
    }

    private CompletableFuture<Held> attempt(List<String> keys, long deadline) {
        String owner = owner();
        long validUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LEASE_MS - DRIFT_MS);
        Held held = () -> majority(RELEASE, keys, owner).thenAccept(most -> {});
        return majority(ACQUIRE, keys, owner, LEASE_MS).thenCompose(won -> {
            if (won && System.nanoTime() < validUntil) {
                return CompletableFuture.completedFuture(held);
            }
            return held.release().thenCompose(released -> attemptLater(keys, deadline));
        });
    }

    private CompletableFuture<Held> attemptLater(List<String> keys, long deadline) {
        if (System.nanoTime() > deadline) {
            return CompletableFuture.failedFuture(
                    new NotWonException("the lock was not won in " + TRIES_FOR_MS + " ms"));
        }
        Executor later = CompletableFuture.delayedExecutor(retryDelayMs(), TimeUnit.MILLISECONDS);
        return CompletableFuture.runAsync(() -> {}, later).thenCompose(waited -> attempt(keys, deadline));
    }

    private static long retryDelayMs() {
        long jitter = ThreadLocalRandom.current().nextLong(-RETRY_JITTER_MS, RETRY_JITTER_MS);
        return Math.max(0, RETRY_DELAY_MS + jitter);
    }

    private String owner() {
        byte[] bytes = new byte[OWNER_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Runs a script on every master and waits for every answer; one that fails is a no. */
    private CompletableFuture<Boolean> majority(RedisScript script, List<String> keys, Object... arguments) {
        AtomicInteger yes = new AtomicInteger();
        CompletableFuture<?>[] answers = masters.stream()
                .map(master -> script.run(master, keys, arguments)
                        .thenAccept(answer -> {
                            if (!answer.get(0).equals(0L)) {
                                yes.incrementAndGet();
                            }
                        })
                        .exceptionally(failure -> null)
                        .toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(answers).thenApply(all -> yes.get() > masters.size() / 2);
    }

    @Override
    public void close() {}
}

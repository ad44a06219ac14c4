package dev.turnstile.redlock;

import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.api.redisnode.RedisNodes;

/** A node reached through Redisson. */
final class RedissonNode implements RedlockNode {

    private static final String FENCE = "turnstile:lock-fence";
    private static final String MARKER = "turnstile:lock-memory";
    private static final String LOCK = "turnstile:lock:";

    private static final RedisScript ACQUIRE = RedisScript.load("redlock-acquire");
    private static final RedisScript WRITE_BACK = RedisScript.load("redlock-write-back");
    private static final RedisScript EXTEND = RedisScript.load("redlock-extend");
    private static final RedisScript RELEASE = RedisScript.load("redlock-release");
    private static final RedisScript MARK = RedisScript.load("redlock-mark");
    private static final RedisScript SEED = RedisScript.load("redlock-seed");

    private final String name;
    private final RedissonClient redis;
    private final Executor blocking;
    private CompletableFuture<Void> connected = CompletableFuture.failedFuture(new IllegalStateException("not yet"));

    /**
     * @param blocking runs the first contact: a client with lazy initialisation connects in the thread that first uses
     *     it, and makes it wait
     */
    RedissonNode(String name, RedissonClient redis, Executor blocking) {
        this.name = name;
        this.redis = redis;
        this.blocking = blocking;
    }

    @Override
    public CompletionStage<Answer> acquire(Claim claim, long floor) {
        return run(ACQUIRE, withFence(claim), claim.owner(), claim.lease().toMillis(), floor)
                .thenApply(answer -> switch (text(answer, 0)) {
                    case "granted" -> new Answer.Granted(number(answer, 1));
                    case "held" -> new Answer.Held();
                    case "empty" -> new Answer.Empty();
                    default -> throw new IllegalStateException("redlock-acquire answered " + answer);
                });
    }

    @Override
    public CompletionStage<Boolean> writeBack(Claim claim, long token) {
        return run(WRITE_BACK, withFence(claim), claim.owner(), token).thenApply(answer -> number(answer, 0) == 1);
    }

    @Override
    public CompletionStage<Boolean> extend(Claim claim) {
        return run(EXTEND, locks(claim), claim.owner(), claim.lease().toMillis())
                .thenApply(answer -> number(answer, 0) == 1);
    }

    @Override
    public CompletionStage<Void> release(Claim claim) {
        return run(RELEASE, locks(claim), claim.owner()).thenAccept(answer -> {});
    }

    @Override
    public CompletionStage<Memory> mark(String name) {
        return runId().thenCompose(runId -> run(MARK, List.of(FENCE, MARKER), runId, name))
                .thenApply(answer -> "seeded".equals(text(answer, 0))
                        ? new Memory.Seeded(number(answer, 1))
                        : new Memory.Marked(text(answer, 1)));
    }

    @Override
    public CompletionStage<Boolean> seed(String marker, long counter) {
        return runId().thenCompose(runId -> {
            if (!marker.startsWith(runId + ":")) {
                return CompletableFuture.completedStage(false);
            }
            return run(SEED, List.of(FENCE, MARKER), marker, counter).thenApply(answer -> number(answer, 0) == 1);
        });
    }

    @Override
    public String toString() {
        return name;
    }

    private CompletionStage<String> runId() {
        return whenConnected(() -> redis.getRedisNodes(RedisNodes.SINGLE)
                .getInstance()
                .infoAsync(RedisNode.InfoSection.SERVER)
                .thenApply(info -> {
                    String runId = info.get("run_id");
                    if (runId == null) {
                        throw new IllegalStateException(name + " tells no run_id in INFO server");
                    }
                    return runId;
                }));
    }

    private CompletionStage<List<Object>> run(RedisScript script, List<String> keys, Object... arguments) {
        return whenConnected(() -> script.run(redis, keys, arguments));
    }

    private <T> CompletionStage<T> whenConnected(Supplier<CompletionStage<T>> question) {
        CompletableFuture<Void> connection = connect();
        // Not composed once connected: it saves two stages a call.
        return connection.isDone() && !connection.isCompletedExceptionally()
                ? question.get()
                : connection.thenCompose(ignored -> question.get());
    }

    /** Begins to connect unless it is connected or under way. */
    synchronized CompletableFuture<Void> connect() {
        if (connected.isCompletedExceptionally()) {
            connected = CompletableFuture.runAsync(
                    () -> redis.getRedisNodes(RedisNodes.SINGLE).getInstance(), blocking);
        }
        return connected;
    }

    private static List<String> locks(Claim claim) {
        List<String> keys = new ArrayList<>(claim.productIds().size());
        claim.productIds().forEach(product -> keys.add(LOCK + product));
        return keys;
    }

    private static List<String> withFence(Claim claim) {
        List<String> keys = new ArrayList<>(claim.productIds().size() + 1);
        keys.add(FENCE);
        keys.addAll(locks(claim));
        return keys;
    }

    private static String text(List<Object> answer, int index) {
        return (String) answer.get(index);
    }

    private static long number(List<Object> answer, int index) {
        return (Long) answer.get(index);
    }
}

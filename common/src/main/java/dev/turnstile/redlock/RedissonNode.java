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

    private static final RedisScript ACQUIRE = RedisScript.load("redlock", "redlock-acquire");
    private static final RedisScript WRITE_BACK = RedisScript.load("redlock", "redlock-write-back");
    private static final RedisScript EXTEND = RedisScript.load("redlock-extend");
    private static final RedisScript RELEASE = RedisScript.load("redlock-release");
    private static final RedisScript MARK = RedisScript.load("redlock", "redlock-mark");
    private static final RedisScript SEED = RedisScript.load("redlock", "redlock-seed");

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
    public CompletionStage<List<Answer>> acquire(List<LockRequest> claims, long floor) {
        List<Object> arguments = new ArrayList<>(1 + 3 * claims.size());
        arguments.add(floor);
        for (LockRequest claim : claims) {
            arguments.add(claim.productIds().size());
            arguments.add(claim.owner());
            arguments.add(claim.lease().toMillis());
        }
        return run(ACQUIRE, withFence(claims), arguments.toArray())
                .thenApply(answers -> answers.stream().map(RedissonNode::answer).toList());
    }

    private static Answer answer(Object answer) {
        if (answer instanceof Long counter) {
            return new Answer.Granted(counter);
        }
        return switch (answer.toString()) {
            case "held" -> new Answer.Held();
            case "empty" -> new Answer.Empty();
            default -> throw new IllegalStateException("redlock-acquire answered " + answer);
        };
    }

    @Override
    public CompletionStage<List<Boolean>> writeBack(List<Confirmation> confirmations) {
        List<Object> arguments = new ArrayList<>(3 * confirmations.size());
        for (Confirmation confirmation : confirmations) {
            arguments.add(confirmation.claim().productIds().size());
            arguments.add(confirmation.claim().owner());
            arguments.add(confirmation.token());
        }
        List<LockRequest> claims =
                confirmations.stream().map(Confirmation::claim).toList();
        return run(WRITE_BACK, withFence(claims), arguments.toArray())
                .thenApply(answers ->
                        answers.stream().map(answer -> answer.equals(1L)).toList());
    }

    @Override
    public CompletionStage<Boolean> extend(LockRequest claim) {
        return run(EXTEND, locks(List.of(claim)), claim.owner(), claim.lease().toMillis())
                .thenApply(answer -> number(answer, 0) == 1);
    }

    @Override
    public CompletionStage<Void> release(List<LockRequest> claims) {
        List<Object> owners = new ArrayList<>();
        claims.forEach(claim -> claim.productIds().forEach(product -> owners.add(claim.owner())));
        return run(RELEASE, locks(claims), owners.toArray()).thenAccept(answer -> {});
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
                        throw new IllegalStateException(name + " reports no run_id in INFO server");
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

    private static List<String> locks(List<LockRequest> claims) {
        List<String> keys = new ArrayList<>();
        claims.forEach(claim -> claim.productIds().forEach(product -> keys.add(LOCK + product)));
        return keys;
    }

    private static List<String> withFence(List<LockRequest> claims) {
        List<String> keys = new ArrayList<>();
        keys.add(FENCE);
        keys.addAll(locks(claims));
        return keys;
    }

    private static String text(List<Object> answer, int index) {
        return (String) answer.get(index);
    }

    private static long number(List<Object> answer, int index) {
        return (Long) answer.get(index);
    }
}

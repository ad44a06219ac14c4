package dev.turnstile.line;

import dev.turnstile.batch.BatchedCalls;
import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.redisson.api.RedissonClient;

/** The memory of requests in the Redis of the line. Requests that come at the same time go in one script. */
public final class RedisRequestMemory implements IdempotencyStore {

    private static final RedisScript CLAIM = RedisScript.load("line", "requests", "request-claim");
    private static final RedisScript KNOWN = RedisScript.load("line", "requests", "request-known");

    /** Requests that one script is for, so that it does not hold up Redis. */
    private static final int AT_ONCE = 200;

    private final RedissonClient redis;
    private final RequestLimits limits;
    private final BatchedCalls<RequestKey, Claim> requests =
            new BatchedCalls<>(AT_ONCE, some -> claim(LineKeys.REQUESTS, LineKeys.REQUEST_AGES, some));
    private final BatchedCalls<RequestKey, Claim> acceptances =
            new BatchedCalls<>(AT_ONCE, some -> claim(LineKeys.ACCEPTED, LineKeys.ACCEPTED_AGES, some));

    /** Creates a memory. */
    public RedisRequestMemory(RedissonClient redis, RequestLimits limits) {
        this.redis = redis;
        this.limits = limits;
    }

    @Override
    public CompletionStage<Claim> claim(RequestKey key) {
        return requests.ask(key);
    }

    @Override
    public CompletionStage<Void> accept(UUID orderId) {
        return acceptances.ask(new RequestKey(orderId, "")).thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Set<UUID>> accepted(Collection<UUID> orderIds) {
        if (orderIds.isEmpty()) {
            return CompletableFuture.completedStage(Set.of());
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(limits.memory().toMillis());
        arguments.addAll(orderIds);
        return KNOWN.run(redis, List.of(LineKeys.ACCEPTED), arguments.toArray())
                .thenApply(known ->
                        known.stream().map(id -> UUID.fromString((String) id)).collect(Collectors.toSet()));
    }

    private CompletionStage<List<Claim>> claim(String memory, String ages, List<RequestKey> keys) {
        List<Object> arguments = new ArrayList<>(2 + 2 * keys.size());
        arguments.add(limits.most());
        arguments.add(limits.memory().toMillis());
        keys.forEach(key -> {
            arguments.add(key.id());
            arguments.add(key.digest());
        });
        return CLAIM.run(redis, List.of(memory, ages), arguments.toArray()).thenApply(answers -> answers.stream()
                .map(answer -> Claim.valueOf((String) answer))
                .toList());
    }
}

package dev.turnstile.line;

import dev.turnstile.redis.RedisScript;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.redisson.api.RedissonClient;

/** The memory of requests in the Redis of the line. */
public final class RedisRequestMemory implements RequestMemory {

    private static final RedisScript CLAIM = RedisScript.load("request-claim");
    private static final String PREFIX = "turnstile:request:";

    private final RedissonClient redis;
    private final Duration memory;

    /**
     * Makes a memory.
     *
     * @param memory how long a request is remembered
     */
    public RedisRequestMemory(RedissonClient redis, Duration memory) {
        this.redis = redis;
        this.memory = memory;
    }

    @Override
    public CompletionStage<Claim> claim(UUID orderId, String digest) {
        return CLAIM.run(redis, List.of(PREFIX + orderId), digest, memory.toMillis())
                .thenApply(answer -> Claim.valueOf((String) answer.get(0)));
    }
}

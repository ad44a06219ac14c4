package dev.turnstile.line;

import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * What the line's Redis remembers of orders that the line does not hold: of distributed orders. What it forgets, the
 * ledger knows once they are decided. All stages fail with a {@link org.redisson.client.RedisException} when Redis
 * can't be reached in time.
 */
public interface IdempotencyStore {

    /** How a request compares with the first under its key. */
    enum Claim {
        /** It is the first that is remembered. */
        FIRST,
        /** The first asked for the same. */
        SAME,
        /** The first asked for something else. */
        OTHER
    }

    /** Compares a request with the first under its key, or remembers it as the first. */
    CompletionStage<Claim> claim(RequestKey key);

    /** Remembers an order that is accepted and not decided. */
    CompletionStage<Void> accept(UUID orderId);

    /** Those of the orders that are remembered as accepted; some of them may be decided since. */
    CompletionStage<Set<UUID>> accepted(Collection<UUID> orderIds);
}

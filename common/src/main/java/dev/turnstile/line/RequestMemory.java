package dev.turnstile.line;

import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Remembers for a while what was ordered first under an order id that a client's idempotency key gave. The ledger knows that for
 * good, but only of decided orders.
 */
public interface RequestMemory {

    /** How a request compares with the first under its order id. */
    enum Claim {
        /** It is the first that is remembered. */
        FIRST,
        /** The first asked for the same. */
        SAME,
        /** The first asked for something else. */
        OTHER
    }

    /**
     * Compares a request with the first under its order id, or remembers it as the first.
     *
     * @param digest of everything that makes it this request
     * @return fails with a {@link org.redisson.client.RedisException} when the line's Redis can't be reached in time
     */
    CompletionStage<Claim> claim(UUID orderId, String digest);
}

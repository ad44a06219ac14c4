package dev.turnstile.line;

import java.util.UUID;

/**
 * A request under an idempotency key.
 *
 * @param id of the key, equal for all requests under it
 * @param digest of everything that makes it this request
 * @param undecided whether the ledger was asked for its order and knows no outcome: then it goes in although it is
 *     remembered
 */
public record RequestKey(UUID id, String digest, boolean undecided) {

    /** A key for which the ledger has not been queried. */
    public RequestKey(UUID id, String digest) {
        this(id, digest, false);
    }
}

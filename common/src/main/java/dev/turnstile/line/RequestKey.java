package dev.turnstile.line;

import java.util.UUID;

/**
 * A request under an idempotency key.
 *
 * @param id of the key, the same for all requests under it
 * @param digest of everything that makes it this request
 */
public record RequestKey(UUID id, String digest) {}

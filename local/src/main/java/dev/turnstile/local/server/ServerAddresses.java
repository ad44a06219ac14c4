package dev.turnstile.local.server;

import java.net.URI;
import java.util.List;

/**
 * Where the servers are.
 *
 * @param kafka bootstrap servers, {@code host:port} with commas between
 * @param jdbcUrl of the ledger's schema, {@code jdbc:mysql://…}
 * @param jdbcUser who owns it
 * @param jdbcPassword the user's password
 * @param lineRedis the Redis of the ticket line and the stock cache
 * @param redlockNodes the independent masters of Redlock
 */
public record ServerAddresses(
        String kafka, String jdbcUrl, String jdbcUser, String jdbcPassword, URI lineRedis, List<URI> redlockNodes) {

    /** Copies the list. */
    public ServerAddresses {
        redlockNodes = List.copyOf(redlockNodes);
    }
}

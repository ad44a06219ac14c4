package dev.turnstile.local.server;

import dev.turnstile.redis.RedisAddress;
import dev.turnstile.startup.JdbcUrl;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

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

    /** The ledger's address for people: without properties, which may have passwords of key stores. */
    public String ledgerShown() {
        return JdbcUrl.parse(jdbcUrl).toString();
    }

    /** The address of the line's Redis for people: without its password. */
    public String lineRedisShown() {
        return RedisAddress.of(lineRedis).toString();
    }

    /** The addresses of the masters of Redlock for people: without their passwords. */
    public List<String> redlockNodesShown() {
        return redlockNodes.stream()
                .map(RedisAddress::of)
                .map(RedisAddress::toString)
                .toList();
    }

    /** The addresses of the masters of Redlock as one text, with commas between. */
    public String redlockNodesText() {
        return redlockNodes.stream().map(URI::toString).collect(Collectors.joining(","));
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return "Kafka " + kafka + ", ledger " + ledgerShown() + ", line " + lineRedisShown() + ", Redlock "
                + redlockNodesShown();
    }
}

package dev.turnstile.local.server;

import dev.turnstile.local.project.UserError;
import dev.turnstile.redis.RedisAddress;
import dev.turnstile.startup.JdbcUrl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Servers of the user's own, which are used instead of embedded ones.
 *
 * @param kafka bootstrap servers, {@code host:port} with commas between, or null to embed a broker
 * @param database the ledger's schema, or null to embed a database
 * @param lineRedis the Redis of the ticket line and the stock cache, or null to embed one
 * @param redlockNodes the masters of Redlock; empty to embed three
 */
public record ExternalServers(
        @Nullable String kafka,
        @Nullable Jdbc database,
        @Nullable URI lineRedis,
        List<URI> redlockNodes) {

    /** All servers are embedded. */
    public static final ExternalServers NONE = new ExternalServers(null, null, null, List.of());

    /** Address and account of a database. */
    public record Jdbc(String url, String user, String password) {

        /** Without the password. */
        @Override
        public String toString() {
            return JdbcUrl.parse(url) + " as " + user;
        }

        /** Those of a system. */
        public static Jdbc of(ServerAddresses servers) {
            return new Jdbc(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        }
    }

    private static final int PATIENCE_MS = 3_000;
    private static final int MYSQL_PORT = 3306;
    /** The usual form with one host; others are left to the driver. */
    private static final Pattern ONE_HOST = Pattern.compile("jdbc:mysql://([^/:?,()@]+)(?::([0-9]{1,5}))?[/?].*");

    /** Copies the list. */
    public ExternalServers {
        redlockNodes = List.copyOf(redlockNodes);
    }

    /** Without passwords. */
    @Override
    public String toString() {
        return "Kafka " + kafka + ", database " + database + ", line "
                + (lineRedis == null ? null : RedisAddress.of(lineRedis)) + ", Redlock "
                + redlockNodes.stream().map(RedisAddress::of).toList();
    }

    /**
     * Reports early which servers can't be reached. Of Kafka's bootstrap servers one is enough, of Redlock's nodes all
     * are needed.
     *
     * @throws UserError that names the server and its flag
     */
    public void requireReachable() {
        requireReachable(flag -> "is it running, and is " + flag + " right?");
    }

    /**
     * Checks servers that the user did not name.
     *
     * @param hint the fix, made from the flag that would name the server
     * @throws UserError that names the server and ends with the hint
     */
    public void requireReachable(UnaryOperator<String> hint) {
        if (kafka != null) {
            List<String> problems = new ArrayList<>();
            List<String> brokers = List.of(kafka.split(",", -1));
            for (String broker : brokers) {
                URI address = URI.create("kafka://" + broker);
                problemWith(address.getHost(), address.getPort(), problems);
            }
            if (problems.size() == brokers.size()) {
                throw unreachable("Kafka", problems, hint.apply("--kafka"));
            }
        }
        if (lineRedis != null) {
            require("Redis", "--redis-line", lineRedis.getHost(), lineRedis.getPort(), hint);
        }
        redlockNodes.forEach(node -> require("Redis", "--redlock-nodes", node.getHost(), node.getPort(), hint));
        if (database != null) {
            Matcher address = ONE_HOST.matcher(database.url());
            if (address.matches()) {
                String port = address.group(2);
                require(
                        "MySQL",
                        "--mysql-url",
                        address.group(1),
                        port == null ? MYSQL_PORT : Integer.parseInt(port),
                        hint);
            }
        }
    }

    private static void require(String server, String flag, String host, int port, UnaryOperator<String> hint) {
        List<String> problems = new ArrayList<>();
        problemWith(host, port, problems);
        if (!problems.isEmpty()) {
            throw unreachable(server, problems, hint.apply(flag));
        }
    }

    private static UserError unreachable(String server, List<String> problems, String hint) {
        return new UserError(server + " can't be reached (" + String.join(", ", problems) + "): " + hint);
    }

    private static void problemWith(String host, int port, List<String> problems) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), PATIENCE_MS);
        } catch (UnknownHostException e) {
            problems.add(host + ":" + port + " is not a known host");
        } catch (IOException e) {
            problems.add(host + ":" + port + ": " + e.getMessage());
        }
    }
}

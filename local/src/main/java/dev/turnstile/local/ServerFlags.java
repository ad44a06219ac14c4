package dev.turnstile.local;

import dev.turnstile.local.server.Database;
import dev.turnstile.local.server.OwnServers;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that say which servers to use; the same for every command that starts a system. */
public final class ServerFlags {

    private static final Pattern HOST_AND_PORTS = Pattern.compile("[^,:/\\s]+:[0-9]{1,5}(,[^,:/\\s]+:[0-9]{1,5})*");

    @Option(
            names = "--database",
            paramLabel = "mysql|mariadb",
            description = "Database to start (default: MySQL, or MariaDB where MySQL's program does not load).")
    private @Nullable Database database;

    @Option(names = "--kafka", paramLabel = "HOST:PORT[,…]", description = "Use this Kafka instead of starting one.")
    private @Nullable String kafka;

    @Option(
            names = "--redis-line",
            paramLabel = "redis://HOST:PORT",
            description = "Use this Redis for the ticket line and the stock cache instead of starting one.")
    private @Nullable URI lineRedis;

    @Option(
            names = "--redlock-nodes",
            paramLabel = "redis://HOST:PORT",
            split = ",",
            description = "Use these independent Redis masters for Redlock, an odd number with commas between, instead"
                    + " of starting three.")
    private List<URI> redlockNodes = List.of();

    @Mixin
    private final LedgerFlags ledgerFlags = new LedgerFlags();

    /** The database to start, or null to choose by trying. */
    public @Nullable Database database() {
        return database;
    }

    /**
     * The servers that the user has.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if the flags make no sense
     */
    public OwnServers own(CommandLine command) {
        if (redlockNodes.size() % 2 == 0 && !redlockNodes.isEmpty()) {
            throw new ParameterException(
                    command,
                    "--redlock-nodes: a majority needs an odd number of nodes, and " + redlockNodes.size()
                            + " are named");
        }
        requireBrokers(command, kafka);
        redlockNodes.forEach(node -> requireRedis(command, "--redlock-nodes", node));
        if (lineRedis != null) {
            requireRedis(command, "--redis-line", lineRedis);
        }
        OwnServers.Jdbc jdbc = ledgerFlags.jdbc(command);
        if (jdbc != null && database != null) {
            throw new ParameterException(
                    command, "--database chooses what to start, --mysql-url what not to: drop one");
        }
        return new OwnServers(kafka, jdbc, lineRedis, redlockNodes);
    }

    /** Refuses what names no brokers; null is fine. */
    static void requireBrokers(CommandLine command, @Nullable String kafka) {
        if (kafka != null && !HOST_AND_PORTS.matcher(kafka).matches()) {
            throw new ParameterException(command, "--kafka must be like host:port[,host:port], and is " + kafka);
        }
    }

    private static void requireRedis(CommandLine command, String flag, URI uri) {
        boolean known = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
        if (!known || uri.getHost() == null || uri.getPort() < 0) {
            throw new ParameterException(command, flag + " must be like redis://host:port, and is " + uri);
        }
    }
}

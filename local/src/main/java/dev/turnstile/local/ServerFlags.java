package dev.turnstile.local;

import dev.turnstile.local.server.Database;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.startup.Server;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that select the servers, shared by all commands that start a system. */
public final class ServerFlags {

    @Mixin
    private final ExternalServerFlags own = new ExternalServerFlags();

    @Option(
            names = "--database",
            paramLabel = "mysql|mariadb",
            description = "Database to start (default: MySQL, or MariaDB where MySQL's program does not load).")
    private @Nullable Database database;

    @Option(
            names = "--redlock-nodes",
            paramLabel = "redis://HOST:PORT",
            split = ",",
            description = "Use these independent Redis masters for Redlock, an odd number with commas between, instead"
                    + " of starting three.")
    private List<String> redlockNodes = List.of();

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
    public ExternalServers own(CommandLine command) {
        if (redlockNodes.size() % 2 == 0 && !redlockNodes.isEmpty()) {
            throw new ParameterException(
                    command,
                    "--redlock-nodes: a majority needs an odd number of nodes, and " + redlockNodes.size()
                            + " are named");
        }
        List<URI> nodes = redlockNodes.stream()
                .map(node -> ExternalServerFlags.redis(command, Server.REDLOCK_NODES, "--redlock-nodes", node))
                .toList();
        ExternalServers servers = own.own(command);
        if (database != null && servers.database() != null) {
            throw new ParameterException(
                    command, "--database selects a server to start, --mysql-url an existing one: remove one of them");
        }
        return new ExternalServers(servers.kafka(), servers.database(), servers.lineRedis(), nodes);
    }
}

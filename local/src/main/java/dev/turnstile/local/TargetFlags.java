package dev.turnstile.local;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.system.SystemAddresses;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/**
 * Which system a command works on that starts none itself: the one that {@code turnstile up} has running, or the one on
 * the servers that the flags name.
 */
public final class TargetFlags {

    private static final String START_OR_NAME =
            "start one with ./turnstile up, or name its servers with --kafka, --redis-line and --mysql-url";

    @Mixin
    private final ExternalServerFlags own = new ExternalServerFlags();

    /**
     * Where Kafka, the line's Redis and the database of that system are. All three answer; the nodes of Redlock are
     * those of the running system, or none.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if the flags make no sense
     * @throws UserError if no system is running and no servers are named, or a server can't be reached
     */
    public ServerAddresses servers(CommandLine command, ProjectFiles project) {
        ExternalServers named = own.own(command);
        String kafka = named.kafka();
        URI lineRedis = named.lineRedis();
        ExternalServers.Jdbc database = named.database();
        if (kafka != null && lineRedis != null && database != null) {
            named.requireReachable();
            return new ServerAddresses(
                    kafka, database.url(), database.user(), database.password(), lineRedis, List.of());
        }
        if (kafka != null || lineRedis != null || database != null) {
            throw new ParameterException(
                    command,
                    "--kafka, --redis-line and --mysql-url go together: " + missing(kafka, lineRedis, database)
                            + " is missing");
        }
        ServerAddresses servers = running(project).servers();
        Path file = project.root().relativize(project.addresses());
        new ExternalServers(servers.kafka(), ExternalServers.Jdbc.of(servers), servers.lineRedis(), List.of())
                .requireReachable(flag -> "the system that " + file + " describes has ended; " + START_OR_NAME);
        return servers;
    }

    /**
     * Where orders are published, and where their outcomes are stored.
     *
     * @param kafka bootstrap servers
     * @param ledger the database, or null if it was not named
     */
    public record Published(String kafka, ExternalServers.@Nullable Jdbc ledger) {}

    /**
     * The same without the line's Redis, and with a database only if one is named.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if the flags make no sense
     * @throws UserError if no system is running and no Kafka is named, or a server can't be reached
     */
    public Published published(CommandLine command, ProjectFiles project) {
        ExternalServers named = own.own(command);
        if (named.lineRedis() != null) {
            throw new ParameterException(
                    command, "--redis-line: this command uses Kafka and the database only, remove the flag");
        }
        String kafka = named.kafka();
        if (kafka != null) {
            named.requireReachable();
            return new Published(kafka, named.database());
        }
        if (named.database() != null) {
            throw new ParameterException(command, "--mysql-url goes with --kafka");
        }
        ServerAddresses servers = servers(command, project);
        return new Published(servers.kafka(), ExternalServers.Jdbc.of(servers));
    }

    /**
     * The system that {@code turnstile up} has running.
     *
     * @throws UserError if there is none
     */
    public static SystemAddresses running(ProjectFiles project) {
        Path file = project.addresses();
        if (!Files.exists(file)) {
            throw new UserError(
                    "no system is running (" + project.root().relativize(file) + " is missing): " + START_OR_NAME);
        }
        return SystemAddresses.read(file);
    }

    private static String missing(
            @Nullable String kafka, @Nullable URI lineRedis, ExternalServers.@Nullable Jdbc database) {
        List<String> flags = new ArrayList<>();
        if (kafka == null) {
            flags.add("--kafka");
        }
        if (lineRedis == null) {
            flags.add("--redis-line");
        }
        if (database == null) {
            flags.add("--mysql-url");
        }
        return String.join(" and ", flags);
    }
}

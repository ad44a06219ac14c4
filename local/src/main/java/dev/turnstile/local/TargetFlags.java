package dev.turnstile.local;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.OwnServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.system.SystemAddresses;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that say which running system to work on: that of {@code turnstile up}, or one by its servers' addresses. */
public final class TargetFlags {

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT[,…]",
            description = "Kafka of the system (default: that of the running ./turnstile up).")
    private @Nullable String kafka;

    @Mixin
    private final LedgerFlags ledgerFlags = new LedgerFlags();

    /**
     * Where the system's servers are.
     *
     * @param kafka bootstrap servers
     * @param ledger the database, or null if it was not named
     */
    public record Target(String kafka, OwnServers.@Nullable Jdbc ledger) {}

    /**
     * The system that the flags name, or that runs here; its servers answer.
     *
     * @param command whose usage is shown when the flags make no sense
     * @throws ParameterException if they make no sense
     * @throws UserError if no system runs, or a server can't be reached
     */
    public Target target(CommandLine command) {
        ServerFlags.requireBrokers(command, kafka);
        OwnServers.Jdbc jdbc = ledgerFlags.jdbc(command);
        if (kafka == null) {
            if (jdbc != null) {
                throw new ParameterException(command, "--mysql-url goes with --kafka");
            }
            return running(ProjectFiles.locate());
        }
        new OwnServers(kafka, jdbc, null, List.of()).requireReachable();
        return new Target(kafka, jdbc);
    }

    private static Target running(ProjectFiles project) {
        if (!Files.exists(project.addresses())) {
            throw new UserError("no system runs here: start one with ./turnstile up, or name its servers with --kafka"
                    + " and --mysql-url");
        }
        SystemAddresses system = SystemAddresses.read(project.addresses());
        if (ProcessHandle.of(system.launcherPid()).isEmpty()) {
            throw new UserError("the system of " + project.addresses() + " has ended: start one with ./turnstile up");
        }
        ServerAddresses servers = system.servers();
        return new Target(
                servers.kafka(), new OwnServers.Jdbc(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword()));
    }
}

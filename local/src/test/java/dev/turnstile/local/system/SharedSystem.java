package dev.turnstile.local.system;

import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.OwnServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import java.security.SecureRandom;
import java.util.Map;

/** Starts APIs and workers on the servers that all tests share. */
public final class SharedSystem {

    private SharedSystem() {}

    /**
     * Starts a system and waits until it is ready.
     *
     * @param run ends it with itself
     * @param arguments of its processes, by how their names begin
     */
    public static TurnstileSystem start(
            RunFolder run, int apis, int workers, FairPartitionKey key, Map<String, String> arguments) {
        ProjectFiles project = ProjectFiles.locate();
        ServerAddresses servers = SharedStack.get().addresses();
        OwnServers own = new OwnServers(
                servers.kafka(), OwnServers.Jdbc.of(servers), servers.lineRedis(), servers.redlockNodes());
        ServerStack stack = ServerStack.start(project, run, own, null, line -> {});
        int port = new FreePorts(new SecureRandom()).next();
        return TurnstileSystem.start(
                project,
                run,
                stack,
                new SystemOptions(apis, workers, port, key),
                name -> new ProcessSetup(
                        servers,
                        arguments.entrySet().stream()
                                .filter(argument -> name.startsWith(argument.getKey()))
                                .map(Map.Entry::getValue)
                                .toList()));
    }
}

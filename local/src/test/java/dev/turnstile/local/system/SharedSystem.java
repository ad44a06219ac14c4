package dev.turnstile.local.system;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.Jvm;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Starts APIs and workers on the servers that all tests share, and has some that several classes share, too. */
public final class SharedSystem {

    /** For workers: the partitions of one that is killed move in half of the usual time. */
    public static final String SHORT_SESSION = "--spring.kafka.consumer.properties.session.timeout.ms=5000";

    private static final int REPLY_PARTITIONS = 12;

    private static @Nullable RunFolder sharedRun;
    private static @Nullable TurnstileSystem shared;

    private SharedSystem() {}

    /**
     * Three APIs and three workers for all tests that are {@link OnSharedSystem}, the fair topic keyed by order id;
     * started with the first call. The third API has a number beyond the partitions of the reply topic, so that it
     * shares the one of the second.
     */
    public static synchronized TurnstileSystem get() {
        TurnstileSystem system = shared;
        if (system == null) {
            RunFolder run = RunFolder.open(ProjectFiles.locate().runs());
            sharedRun = run;
            system = start(
                    run,
                    3,
                    3,
                    FairPartitionKey.ORDER,
                    Map.of(
                            "",
                            List.of("--logging.structured.format.console=logstash"),
                            "api-2",
                            List.of("--turnstile.api.instance=" + (REPLY_PARTITIONS + 1)),
                            "worker",
                            List.of("--logging.level.dev.turnstile.worker.DecisionTelemetry=debug", SHORT_SESSION)));
            shared = system;
        }
        return system;
    }

    /** Ends that system, if it runs. */
    static synchronized void end() {
        RunFolder run = sharedRun;
        if (run != null) {
            run.close();
            sharedRun = null;
            shared = null;
        }
    }

    /**
     * Starts a system and waits until it is ready.
     *
     * @param run ends it with itself
     * @param arguments of its processes, by how their names begin
     */
    public static TurnstileSystem start(
            RunFolder run, int apis, int workers, FairPartitionKey key, Map<String, List<String>> arguments) {
        ProjectFiles project = ProjectFiles.locate();
        ServerAddresses servers = SharedStack.get().addresses();
        ExternalServers own = new ExternalServers(
                servers.kafka(), ExternalServers.Jdbc.of(servers), servers.lineRedis(), servers.redlockNodes());
        ServerStack stack = ServerStack.start(project, run, own, null, line -> {});
        return TurnstileSystem.start(
                project,
                run,
                stack,
                new SystemOptions(apis, workers, SystemOptions.ANY_PORT, key),
                name -> new ProcessSetup(
                        servers,
                        arguments.entrySet().stream()
                                .filter(argument -> name.startsWith(argument.getKey()))
                                .flatMap(argument -> argument.getValue().stream())
                                .toList()));
    }

    /**
     * A worker of another build on these servers, which is not started yet.
     *
     * @param run ends it with itself
     * @param jar the executable jar of that build
     */
    public static ChildProcess worker(RunFolder run, Path jar, String name) {
        ServerAddresses servers = SharedStack.get().addresses();
        return process(
                run,
                jar,
                name,
                new FreePorts(new SecureRandom()).next(),
                List.of(),
                List.of(
                        "--spring.kafka.bootstrap-servers=" + servers.kafka(),
                        "--spring.datasource.url=" + servers.jdbcUrl(),
                        "--spring.datasource.username=" + servers.jdbcUser(),
                        "--turnstile.line.redis=" + servers.lineRedis(),
                        "--turnstile.redlock.nodes="
                                + servers.redlockNodes().stream()
                                        .map(URI::toString)
                                        .collect(Collectors.joining(",")),
                        "--turnstile.worker.id=" + name),
                Map.of("SPRING_DATASOURCE_PASSWORD", servers.jdbcPassword()));
    }

    /** An API or a worker that its caller configures, and that is not started yet. */
    static ChildProcess process(
            RunFolder run,
            Path jar,
            String name,
            int port,
            List<String> jvm,
            List<String> arguments,
            Map<String, String> environment) {
        List<String> command = Jvm.command("-Xmx256m");
        command.addAll(jvm);
        command.addAll(Application.unpack(jar, run, ProjectFiles.locate().applications())
                .arguments());
        command.addAll(List.of("--server.address=127.0.0.1", "--server.port=" + port));
        command.addAll(arguments);
        return new ChildProcess(
                run,
                new ChildProcess.Spec(
                        name,
                        command,
                        environment,
                        run.data(name),
                        ReadyProbe.httpOk(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness")),
                        Duration.ofMinutes(3),
                        Duration.ofSeconds(8)));
    }
}

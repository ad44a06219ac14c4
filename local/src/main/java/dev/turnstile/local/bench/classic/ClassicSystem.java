package dev.turnstile.local.bench.classic;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.Jvm;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.server.ServerAddresses;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The classic way as processes on given servers, whose schema must be in place. */
public final class ClassicSystem implements AutoCloseable {

    private static final String HEAP = "-Xmx384m";
    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(12);

    /** Names of processes are unique in a run. */
    private static final AtomicInteger SYSTEMS = new AtomicInteger();

    private final int number = SYSTEMS.incrementAndGet();
    private final RunFolder run;
    private final ServerAddresses servers;
    private final int port;
    private final int workers;
    private final List<ChildProcess> processes = new ArrayList<>();

    private ClassicSystem(RunFolder run, ServerAddresses servers, int port, int workers) {
        this.run = run;
        this.servers = servers;
        this.port = port;
        this.workers = workers;
    }

    /**
     * Starts one server and waits until it is ready.
     *
     * @param run ends the processes with itself
     * @param port where it listens on the loopback interface
     * @param workers how many consumers run beside it as processes of their own; with 0 the server consumes, as the
     *     classic way has it
     * @throws dev.turnstile.local.project.UserError if a process does not get ready
     */
    public static ClassicSystem start(RunFolder run, ServerAddresses servers, int port, int workers) {
        ClassicSystem system = new ClassicSystem(run, servers, port, workers);
        if (workers == 0) {
            system.add("server", ClassicServer.Role.ALL, system.healthy());
        } else {
            for (int worker = 1; worker <= workers; worker++) {
                system.add("worker-" + worker, ClassicServer.Role.WORKER, ReadyProbe.logSays(ClassicServer.READY));
            }
            system.add("api", ClassicServer.Role.API, system.healthy());
        }
        ChildProcess.startAll(system.processes);
        return system;
    }

    private ReadyProbe healthy() {
        return ReadyProbe.httpOk(api().resolve("/health"));
    }

    private void add(String part, ClassicServer.Role role, ReadyProbe probe) {
        String name = "classic-" + number + "-" + part;
        List<String> command = Jvm.command(HEAP);
        command.addAll(List.of(
                "-cp",
                classPath(),
                ClassicServer.class.getName(),
                "--role=" + role,
                "--port=" + port,
                "--partitions=" + Math.max(1, workers),
                "--kafka=" + servers.kafka(),
                "--jdbc-user=" + servers.jdbcUser()));
        ChildProcess process = new ChildProcess(
                run,
                new ChildProcess.Spec(
                        name,
                        command,
                        Map.of(
                                ClassicServer.PASSWORD_VARIABLE, servers.jdbcPassword(),
                                ClassicServer.URL_VARIABLE, servers.jdbcUrl(),
                                ClassicServer.LINE_VARIABLE, servers.lineRedis().toString(),
                                ClassicServer.NODES_VARIABLE, servers.redlockNodesText()),
                        run.data(name),
                        probe,
                        READY_WITHIN,
                        GRACE));
        processes.add(process);
    }

    /** This program's own class path, for a process with another working folder. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Where its HTTP is. */
    public URI api() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Its processes in the order of their start. */
    public List<ChildProcess> processes() {
        return List.copyOf(processes);
    }

    /** Stops the processes, each with its grace. */
    @Override
    public void close() {
        processes.forEach(ChildProcess::askToStop);
        processes.forEach(ChildProcess::stop);
    }
}

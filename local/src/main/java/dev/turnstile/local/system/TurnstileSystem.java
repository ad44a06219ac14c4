package dev.turnstile.local.system;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.Jcmd;
import dev.turnstile.local.process.Jvm;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * APIs and workers, each a process of its own, on given servers. Writes its addresses to
 * {@link ProjectFiles#addresses()} while it runs; of two systems in one project the later one is there.
 */
public final class TurnstileSystem implements AutoCloseable {

    /** The token of systems that run here; there is no default elsewhere. */
    public static final String ADMIN_TOKEN = "local-admin";

    /**
     * As many connections as an API takes, and as many requests as may wait in it, hold 550 MB. The young generation is
     * small, as what waits leaves it in any case: its pauses are short, and the old one has room.
     */
    private static final List<String> API_JVM = Jvm.command("-Xmx768m", "-Xmn32m");

    private static final List<String> WORKER_JVM = Jvm.command("-Xmx256m");

    /** For the environment, whose encoding depends on the user's locale. */
    private static final JsonMapper ASCII_JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final Pattern PORT_TAKEN = Pattern.compile("[Pp]ort (\\d{1,5}) was already in use");
    private static final int STARTS = 3;

    private static final Duration READY_WITHIN = Duration.ofMinutes(3);
    private static final Duration GRACE = Duration.ofSeconds(8);
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(20);

    private final ProjectFiles project;
    private final RunFolder run;
    private final ServerStack servers;
    private final SystemOptions options;
    private final Function<String, ProcessSetup> setups;
    private final Application api;
    private final Application worker;
    private final FreePorts ports = new FreePorts(new SecureRandom());
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Integer> apiPorts = new ArrayList<>();
    private final List<ChildProcess> apis = new ArrayList<>();
    private final List<ChildProcess> workers = new ArrayList<>();
    private volatile Consumer<String> onUnexpectedEnd = line -> {};

    private TurnstileSystem(
            ProjectFiles project,
            RunFolder run,
            ServerStack servers,
            SystemOptions options,
            Function<String, ProcessSetup> setups) {
        this.project = project;
        this.run = run;
        this.servers = servers;
        this.options = options;
        this.setups = setups;
        this.api = Application.unpack(project.applicationJar("api"), run, project.applications());
        this.worker = Application.unpack(project.applicationJar("worker"), run, project.applications());
    }

    /**
     * Reports early what would make a start fail.
     *
     * @throws UserError if an application is not built or a port is taken
     */
    public static void requireStartable(ProjectFiles project, SystemOptions options) {
        for (int number = 0; number < options.apis() && options.port() != SystemOptions.ANY_PORT; number++) {
            int port = options.port() + number;
            if (!FreePorts.isFree(port)) {
                throw new UserError("port " + port + ", where API number " + number
                        + " should listen, is taken: choose others with --port");
            }
        }
        Path unused = project.applicationJar("api");
        unused = project.applicationJar("worker");
    }

    /**
     * Starts all processes at the same time and waits until every one is ready.
     *
     * @param run ends them with itself, also those that were started before another one failed
     * @throws UserError if an application is not built, a port is taken or a process does not get ready
     */
    public static TurnstileSystem start(
            ProjectFiles project, RunFolder run, ServerStack servers, SystemOptions options) {
        return start(project, run, servers, options, name -> ProcessSetup.on(servers.addresses()));
    }

    /**
     * Starts all processes at the same time and waits until every one is ready.
     *
     * @param setups returns how each process is set up, by its name: {@code api-0}, {@code api-1}, …, {@code worker-1},
     *     {@code worker-2}, …
     * @throws UserError if an application is not built, a port is taken or a process does not get ready
     */
    public static TurnstileSystem start(
            ProjectFiles project,
            RunFolder run,
            ServerStack servers,
            SystemOptions options,
            Function<String, ProcessSetup> setups) {
        requireStartable(project, options);
        TurnstileSystem system = new TurnstileSystem(project, run, servers, options, setups);
        run.atEnd(system::close);
        system.onFreePorts(system::startAll);
        system.archiveClasses();
        system.tellAddresses();
        return system;
    }

    private void startAll() {
        List<ChildProcess> all = prepareAll();
        try {
            ChildProcess.startAll(all);
        } catch (UserError e) {
            all.forEach(ChildProcess::kill);
            throw e;
        }
    }

    private synchronized List<ChildProcess> prepareAll() {
        apis.clear();
        apiPorts.clear();
        workers.clear();
        for (int number = 0; number < options.apis(); number++) {
            apiPorts.add(options.port() == SystemOptions.ANY_PORT ? ports.next() : options.port() + number);
            apis.add(api(number));
        }
        for (int number = 1; number <= options.workers(); number++) {
            workers.add(worker(number));
        }
        return Stream.concat(apis.stream(), workers.stream()).toList();
    }

    /**
     * Starts something, once more on other ports if a port that was chosen here was taken before a process could listen
     * on it.
     *
     * @param start chooses ports itself
     */
    private void onFreePorts(Runnable start) {
        for (int attempt = 1; ; attempt++) {
            try {
                start.run();
                return;
            } catch (UserError e) {
                if (attempt == STARTS || !isChosenPortTaken(e)) {
                    throw e;
                }
            }
        }
    }

    /** By what Spring Boot says, which is among the last lines of the log. */
    private boolean isChosenPortTaken(UserError failure) {
        return failure.details().stream()
                .map(PORT_TAKEN::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .anyMatch(port -> options.port() == SystemOptions.ANY_PORT
                        || port < options.port()
                        || port >= options.port() + options.apis());
    }

    /** Once after each build, so that all later starts are quick. */
    private void archiveClasses() {
        try {
            List<Application.Archiving> archiving = new ArrayList<>();
            if (!api.isArchived() && !apis.isEmpty()) {
                archiving.add(api.archive(apis.get(0)));
            }
            if (!worker.isArchived() && !workers.isEmpty()) {
                archiving.add(worker.archive(workers.get(0)));
            }
            for (Application.Archiving one : archiving) {
                one.await();
            }
        } catch (IOException e) {
            // A Java without jcmd, say. Everything works without an archive.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Lets the APIs and workers collect their garbage now, so that a measurement doesn't pay for what came before it.
     * Without {@code jcmd} nothing happens.
     *
     * @throws InterruptedException if interrupted while waiting for them
     */
    public void collectGarbage() throws InterruptedException {
        List<Jcmd> commands = new ArrayList<>();
        try {
            for (ChildProcess process :
                    Stream.concat(apis.stream(), workers.stream()).toList()) {
                commands.add(Jcmd.give(process, "GC.run"));
            }
            for (Jcmd command : commands) {
                command.await(GRACE);
            }
        } catch (IOException e) {
            // a Java without jcmd
            return;
        }
    }

    private ChildProcess api(int number) {
        String name = "api-" + number;
        return process(
                api,
                number == 0,
                API_JVM,
                name,
                apiPorts.get(number),
                setups.apply(name),
                Map.of("TURNSTILE_API_INSTANCE", Integer.toString(number)),
                List.of(
                        "--turnstile.api.admin-token=" + ADMIN_TOKEN,
                        "--turnstile.live.crowd=true",
                        "--turnstile.fair.partition-key="
                                + options.fairPartitionKey().property()));
    }

    private ChildProcess worker(int number) {
        String name = "worker-" + number;
        ProcessSetup setup = setups.apply(name);
        return process(
                worker,
                number == 1,
                WORKER_JVM,
                name,
                ports.next(),
                setup,
                Map.of(),
                List.of("--turnstile.worker.id=" + name));
    }

    /**
     * @param first whether its classes are those that will be archived
     * @param environment what an argument of the setup may override
     */
    private ChildProcess process(
            Application application,
            boolean first,
            List<String> jvm,
            String name,
            int port,
            ProcessSetup setup,
            Map<String, String> environment,
            List<String> arguments) {
        ServerAddresses addresses = setup.servers();
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("SPRING_APPLICATION_JSON", properties(addresses));
        List<String> command = new ArrayList<>(jvm);
        command.addAll(first ? application.firstArguments() : application.arguments());
        command.addAll(List.of(
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--spring.kafka.bootstrap-servers=" + addresses.kafka(),
                "--spring.datasource.username=" + addresses.jdbcUser()));
        command.addAll(arguments);
        command.addAll(setup.arguments());
        ChildProcess process = new ChildProcess(
                run,
                new ChildProcess.Spec(
                        name,
                        application.equals(worker) ? run.background(command) : command,
                        variables,
                        run.data(name),
                        ReadyProbe.httpOk(URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness")),
                        READY_WITHIN,
                        GRACE));
        process.onUnexpectedEnd(line -> onUnexpectedEnd.accept(line));
        return process;
    }

    /** Settings that may contain a password: no arguments, as every user of the machine can read those. */
    private static String properties(ServerAddresses addresses) {
        return ASCII_JSON.writeValueAsString(Map.of(
                "spring.datasource.url", addresses.jdbcUrl(),
                // in the value of a property ${ would begin a placeholder
                "spring.datasource.password", addresses.jdbcPassword().replace("${", "\\${"),
                "turnstile.line.redis", addresses.lineRedis().toString(),
                "turnstile.redlock.nodes", addresses.redlockNodesText()));
    }

    /**
     * Starts one more worker and waits until it is ready.
     *
     * @throws UserError if it does not get ready
     */
    public synchronized ChildProcess addWorker() {
        onFreePorts(() -> {
            ChildProcess worker = worker(workers.size() + 1);
            worker.start();
            workers.add(worker);
        });
        tellAddresses();
        return workers.get(workers.size() - 1);
    }

    /** The APIs, number 0 first, also those that were stopped. */
    public synchronized List<ChildProcess> apis() {
        return List.copyOf(apis);
    }

    /** The workers in the order of their start, number 1 first, also those that were stopped. */
    public synchronized List<ChildProcess> workers() {
        return List.copyOf(workers);
    }

    /** Those of the workers that run. */
    public List<ChildProcess> runningWorkers() {
        return workers().stream().filter(ChildProcess::isRunning).toList();
    }

    /** Starts or stops workers until so many run. */
    public void setRunningWorkers(int wanted) {
        List<ChildProcess> running = runningWorkers();
        for (int i = wanted; i < running.size(); i++) {
            running.get(i).stop();
        }
        List<ChildProcess> stopped =
                workers().stream().filter(worker -> !worker.isRunning()).toList();
        for (int i = running.size(); i < wanted; i++) {
            int next = i - running.size();
            if (next < stopped.size()) {
                stopped.get(next).start();
            } else {
                addWorker();
            }
        }
    }

    /**
     * Processor time so far of each running server, API and worker, by its name; empty where this machine does not
     * report it.
     */
    public Map<String, Duration> cpu() {
        Map<String, Duration> used = new LinkedHashMap<>();
        addresses().pids().forEach((name, pid) -> ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .ifPresent(duration -> used.put(name, duration)));
        return used;
    }

    /** Called, with one line, when a server, an API or a worker ends without having been stopped or killed by us. */
    public void onUnexpectedEnd(Consumer<String> listener) {
        onUnexpectedEnd = listener;
        servers.processes().forEach(process -> process.onUnexpectedEnd(listener));
    }

    /** Where everything is, with the process ids of this moment. */
    public synchronized SystemAddresses addresses() {
        List<URI> uris = new ArrayList<>();
        apiPorts.forEach(port -> uris.add(URI.create("http://127.0.0.1:" + port)));
        Map<String, Long> pids = new LinkedHashMap<>();
        Stream.of(servers.processes(), apis, workers)
                .flatMap(List::stream)
                .filter(ChildProcess::isRunning)
                .forEach(process -> pids.put(process.name(), process.pid()));
        return new SystemAddresses(
                uris, servers.addresses(), ADMIN_TOKEN, ProcessHandle.current().pid(), pids);
    }

    private void tellAddresses() {
        addresses().write(project.addresses());
    }

    private void withdrawAddresses() {
        Path file = project.addresses();
        try {
            if (Files.exists(file)
                    && SystemAddresses.read(file).launcherPid()
                            == ProcessHandle.current().pid()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sets what is left of a product, through API number 0.
     *
     * @throws UserError if the API does not accept it
     */
    public void setStock(long productId, long quantity) {
        URI uri = addresses().apis().get(0).resolve("/v1/stocks/" + productId);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(ANSWERS_WITHIN)
                .header("Authorization", "Bearer " + ADMIN_TOKEN)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"quantity\":" + quantity + "}"))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new UserError("can't stock product " + productId + ": PUT " + uri + " answered "
                        + response.statusCode() + " " + response.body());
            }
        } catch (IOException e) {
            throw new UserError("can't stock product " + productId + ": PUT " + uri + " failed: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("interrupted while product " + productId + " was stocked", e);
        }
    }

    /** Stops workers and APIs, each with its grace, and withdraws the addresses. The servers go on. */
    @Override
    public void close() {
        List<ChildProcess> all =
                Stream.concat(workers().stream(), apis().stream()).toList();
        all.forEach(ChildProcess::askToStop);
        all.forEach(ChildProcess::stop);
        withdrawAddresses();
    }
}

package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** How processes are started, configured and ended; {@link StandIn} replaces API and worker. */
class TurnstileSystemIT {

    private static final ExternalServers OWN = new ExternalServers(
            "kafka.example:9092",
            new ExternalServers.Jdbc("jdbc:mysql://mysql.example/turnstile?a=b", "owner", "s3cret\u20ac${x}"),
            URI.create("redis://:s3cret@line.example:6379/2"),
            List.of(
                    URI.create("redis://:s3cret@a.example:6379"),
                    URI.create("redis://b.example:6379"),
                    URI.create("redis://c.example:6379")));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    @SuppressWarnings("NullAway.Init")
    private ProjectFiles project;

    @SuppressWarnings("NullAway.Init")
    private RunFolder run;

    @SuppressWarnings("NullAway.Init")
    private ServerStack servers;

    private final SystemOptions options =
            new SystemOptions(1, 2, new FreePorts(new SecureRandom()).next(), FairPartitionKey.ORDER);

    @BeforeEach
    void makeProject() throws IOException {
        project = new ProjectFiles(root);
        for (String module : List.of("api", "worker")) {
            writeStandIn(Files.createDirectories(root.resolve(module).resolve("target"))
                    .resolve("turnstile-" + module + "-1.jar"));
        }
        run = RunFolder.open(project.runs());
        servers = ServerStack.start(project, run, OWN, null, line -> {});
    }

    @AfterEach
    void endRun() {
        run.close();
    }

    private static void writeStandIn(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Start-Class", StandIn.class.getName());
        String classFile = StandIn.class.getName().replace('.', '/') + ".class";
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream jarOut = new JarOutputStream(out, manifest);
                InputStream standIn = StandIn.class.getResourceAsStream("/" + classFile)) {
            jarOut.putNextEntry(new JarEntry("BOOT-INF/classes/" + classFile));
            assertThat(standIn).isNotNull();
            standIn.transferTo(jarOut);
        }
    }

    @Test
    void jarThatIsNoApplicationIsOneLine() throws IOException {
        Path jar = root.resolve("api/target/turnstile-api-1.jar");
        new JarOutputStream(Files.newOutputStream(jar), new Manifest()).close();

        assertThatThrownBy(() -> TurnstileSystem.start(project, run, servers, options))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("can't unpack " + jar)
                .hasMessageContaining("not an executable Spring Boot jar");
    }

    @Test
    void startsEveryProcessWithWhatItNeedsToKnow() throws IOException {
        try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
            assertThat(system.apis()).extracting(ChildProcess::name).containsExactly("api-0");
            assertThat(Files.readAllLines(run.data("api-0").resolve("arguments")))
                    .contains(
                            "--server.port=" + options.port(),
                            "--server.address=127.0.0.1",
                            "--spring.kafka.bootstrap-servers=kafka.example:9092",
                            "--spring.datasource.username=owner",
                            "--turnstile.api.admin-token=local-admin",
                            "--turnstile.fair.partition-key=order")
                    .noneMatch(argument -> argument.contains("s3cret"));
            assertThat(properties("api-0"))
                    .containsEntry("spring.datasource.url", "jdbc:mysql://mysql.example/turnstile?a=b")
                    .containsEntry("spring.datasource.password", "s3cret\u20ac\\${x}")
                    .containsEntry("turnstile.line.redis", "redis://:s3cret@line.example:6379/2");
            assertThat(run.data("api-0").resolve("instance")).hasContent("0");

            assertThat(system.workers()).extracting(ChildProcess::name).containsExactly("worker-1", "worker-2");
            assertThat(Files.readAllLines(run.data("worker-2").resolve("arguments")))
                    .contains("--turnstile.worker.id=worker-2");
            assertThat(properties("worker-2"))
                    .containsEntry(
                            "turnstile.redlock.nodes",
                            "redis://:s3cret@a.example:6379,redis://b.example:6379,redis://c.example:6379");
        }
    }

    private Map<String, String> properties(String process) throws IOException {
        String json = Files.readString(run.data(process).resolve("properties"));
        assertThat(json).as("for every locale").isASCII();
        return JsonMapper.shared().readValue(json, new TypeReference<>() {});
    }

    @Test
    void noPasswordStandsWhereOthersCanReadIt() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "needs a Linux");
        try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
            for (long pid : system.addresses().pids().values()) {
                assertThat(Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")))
                        .contains("--server.port=")
                        .doesNotContain("s3cret");
            }
            assertThat(Files.getPosixFilePermissions(project.addresses()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            ServerAddresses told = system.addresses().servers();
            assertThat(told.lineRedisShown()).isEqualTo("redis://line.example:6379/2");
            assertThat(told.redlockNodesShown()).startsWith("redis://a.example:6379");
            assertThat(told.ledgerShown()).isEqualTo("jdbc:mysql://mysql.example/turnstile");
            assertThat(told + " " + OWN + " " + system.addresses()).doesNotContain("s3cret");
        }
    }

    @Test
    void aProcessCanBeSetUpInAnotherWayThanTheOthers() throws IOException {
        ServerAddresses behindProxies = new ServerAddresses(
                "proxy.example:1",
                "jdbc:mysql://proxy.example:2/turnstile",
                "owner",
                "s3cret",
                URI.create("redis://proxy.example:3"),
                List.of(URI.create("redis://proxy.example:4")));
        try (TurnstileSystem system = TurnstileSystem.start(
                project,
                run,
                servers,
                options,
                name -> name.equals("worker-2")
                        ? ProcessSetup.on(behindProxies).withClockOffset(Duration.ofMinutes(-7))
                        : ProcessSetup.on(servers.addresses()))) {
            assertThat(Files.readAllLines(run.data("worker-2").resolve("arguments")))
                    .contains("--spring.kafka.bootstrap-servers=proxy.example:1", "--turnstile.clock.offset=PT-7M");
            assertThat(properties("worker-2"))
                    .containsEntry("spring.datasource.url", "jdbc:mysql://proxy.example:2/turnstile")
                    .containsEntry("turnstile.line.redis", "redis://proxy.example:3")
                    .containsEntry("turnstile.redlock.nodes", "redis://proxy.example:4");
            for (String other : List.of("api-0", "worker-1")) {
                assertThat(Files.readAllLines(run.data(other).resolve("arguments")))
                        .contains("--spring.kafka.bootstrap-servers=kafka.example:9092")
                        .noneMatch(argument -> argument.startsWith("--turnstile.clock"));
            }
            assertThat(system.workers()).hasSize(2);
        }
    }

    @Test
    void tellsWhereItIsWhileItRuns() {
        try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
            SystemAddresses told = SystemAddresses.read(project.addresses());

            assertThat(told).isEqualTo(system.addresses());
            assertThat(told.apis()).containsExactly(URI.create("http://127.0.0.1:" + options.port()));
            assertThat(told.servers()).isEqualTo(servers.addresses());
            assertThat(told.launcherPid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(told.pids()).containsOnlyKeys("api-0", "worker-1", "worker-2");

            ChildProcess added = system.addWorker();

            assertThat(SystemAddresses.read(project.addresses()).pids()).containsEntry("worker-3", added.pid());
        }
        assertThat(project.addresses()).doesNotExist();
    }

    @Test
    void endsItsProcessesWithItselfOrWithItsRun() {
        TurnstileSystem closed = TurnstileSystem.start(project, run, servers, options);
        closed.close();
        assertThat(closed.apis()).noneMatch(ChildProcess::isRunning);
        assertThat(closed.workers()).noneMatch(ChildProcess::isRunning);

        RunFolder other = RunFolder.open(project.runs());
        TurnstileSystem left = TurnstileSystem.start(project, other, servers, options);
        other.close();
        assertThat(left.apis()).noneMatch(ChildProcess::isRunning);
        assertThat(left.workers()).noneMatch(ChildProcess::isRunning);
        assertThat(project.addresses()).doesNotExist();
    }

    @Test
    void setsStockAsTheAdministrator() {
        try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
            system.setStock(7, 90);

            assertThat(run.data("api-0").resolve("put-7")).hasContent("{\"quantity\":90}");
            assertThatThrownBy(() -> system.setStock(404, 1))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("can't stock product 404")
                    .hasMessageContaining("answered 404");
        }
    }

    @Test
    void takenPortIsOneLineThatNamesTheFlag() throws IOException {
        try (ServerSocket taken = new ServerSocket(options.port(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> TurnstileSystem.start(project, run, servers, options))
                    .isInstanceOf(UserError.class)
                    .hasMessage("port " + taken.getLocalPort()
                            + ", where API number 0 should listen, is taken: choose others with --port");
        }
    }

    @Test
    void aPortThatWasTakenBeforeAProcessCouldListenIsAnotherNextTime() throws IOException {
        Files.createFile(run.data("api-0").resolve("taken"));
        Files.createFile(run.data("worker-1").resolve("taken"));
        SystemOptions anyPort = new SystemOptions(2, 1, SystemOptions.ANY_PORT, FairPartitionKey.ORDER);
        try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, anyPort)) {
            assertThat(system.apis()).hasSize(2).allMatch(ChildProcess::isRunning);
            assertThat(system.workers()).hasSize(1).allMatch(ChildProcess::isRunning);
            system.setStock(7, 90);
            Files.createFile(run.data("worker-2").resolve("taken"));
            assertThat(system.addWorker().isRunning()).isTrue();
        }
    }

    /** The first process of a build is one whose classes could be archived, about which the JVM has a last word. */
    @Test
    void aPortThatTheUserChoseIsNotExchangedAndTheFirstProcessSaysWhy() throws IOException {
        Files.createFile(run.data("api-0").resolve("taken"));
        assertThatThrownBy(() -> TurnstileSystem.start(project, run, servers, options))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("Port " + options.port() + " was already in use");
    }

    @Test
    void applicationThatIsNotBuiltIsOneLine() throws IOException {
        Files.delete(root.resolve("worker/target/turnstile-worker-1.jar"));

        assertThatThrownBy(() -> TurnstileSystem.start(project, run, servers, options))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("worker/target/turnstile-worker-*.jar is missing");
    }
}

package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A process that a server rejects says so in one line, and shows no password: not the right one, nor the one that was
 * given.
 */
class WrongCredentialsIT {

    private static final String RIGHT = "r1ght-s3cret";
    private static final String WRONG = "wr0ng-s3cret";

    /** A start that a server refuses. */
    private record Start(String application, String server, Map<String, String> environment) {}

    @Test
    void aRefusalIsOneLineWithoutAPassword() throws Exception {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers of its own");
        ServerAddresses shared = SharedStack.get().addresses();
        ProjectFiles project = ProjectFiles.locate();
        ExternalServers own =
                new ExternalServers(shared.kafka(), ExternalServers.Jdbc.of(shared), null, shared.redlockNodes());
        try (RunFolder run = RunFolder.open(project.runs());
                ServerStack servers = ServerStack.start(project, run, own, null, line -> {})) {
            int redis = servers.lineRedis().port();
            demandPassword(redis);
            String right = "redis://:" + RIGHT + "@127.0.0.1:" + redis;
            String wrong = "redis://shop:" + WRONG + "@127.0.0.1:" + redis;
            List<Start> starts = List.of(
                    new Start("api", "Redis", Map.of("TURNSTILE_LINE_REDIS", wrong)),
                    new Start(
                            "api", "MySQL", Map.of("TURNSTILE_LINE_REDIS", right, "SPRING_DATASOURCE_PASSWORD", WRONG)),
                    new Start("worker", "Redis", Map.of("TURNSTILE_LINE_REDIS", wrong)),
                    new Start("worker", "Redis", Map.of("TURNSTILE_LINE_REDIS", "redis://127.0.0.1:" + redis)));
            List<CompletableFuture<Void>> refused = starts.stream()
                    .map(start -> CompletableFuture.runAsync(() -> assertRefused(run, servers.addresses(), start)))
                    .toList();
            for (CompletableFuture<Void> one : refused) {
                one.join();
            }
        }
    }

    private static void assertRefused(RunFolder run, ServerAddresses servers, Start start) {
        int port = new FreePorts(new SecureRandom()).next();
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "SPRING_KAFKA_BOOTSTRAP_SERVERS", servers.kafka(),
                "SPRING_DATASOURCE_URL", servers.jdbcUrl(),
                "SPRING_DATASOURCE_USERNAME", servers.jdbcUser(),
                "SPRING_DATASOURCE_PASSWORD", servers.jdbcPassword(),
                "TURNSTILE_REDLOCK_NODES", servers.redlockNodesText()));
        all.putAll(start.environment());
        ChildProcess process = SharedSystem.process(
                run,
                ProjectFiles.locate().applicationJar(start.application()),
                start.application() + "-refused-" + port,
                port,
                List.of(),
                List.of(),
                all);
        try {
            process.start();
            throw new AssertionError(start + ": it started");
        } catch (UserError e) {
            assertThat(e.getMessage()).contains("ended with code 1");
        }
        assertThat(process.log().file()).content().doesNotContain(RIGHT, WRONG, "\tat ");
        assertThat(lines(process))
                .filteredOn(line -> line.contains(" ERROR ") || line.contains(" WARN "))
                .singleElement()
                .asString()
                .contains("cannot start: " + start.server() + " refused our credentials");
    }

    private static List<String> lines(ChildProcess process) {
        try {
            return Files.readAllLines(process.log().file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void demandPassword(int port) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("CONFIG SET requirepass " + RIGHT + "\r\n").getBytes(StandardCharsets.UTF_8));
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("+OK\r\n");
        }
    }
}

package dev.turnstile.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.system.SystemAddresses;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;

class TargetFlagsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path root;

    private final StringWriter err = new StringWriter();

    @SuppressWarnings("NullAway.Init")
    private ProjectFiles project;

    @Command(name = "anything")
    private static final class AnyCommand {
        @Mixin
        private final TargetFlags target = new TargetFlags();
    }

    @BeforeEach
    void makeProject() {
        project = new ProjectFiles(root);
    }

    @Test
    void withoutFlagsItIsTheSystemThatRuns() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ServerAddresses servers = servers(server.getLocalPort());
            tellAddresses(servers);
            assertThat(target()).isEqualTo(servers);
        }
    }

    @Test
    void withFlagsItIsWhatTheyName() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            ServerAddresses named = target(
                    "--kafka=127.0.0.1:" + port,
                    "--redis-line=redis://127.0.0.1:" + port,
                    "--mysql-url=jdbc:mysql://127.0.0.1:" + port + "/turnstile",
                    "--mysql-user=owner",
                    "--mysql-password=secret");
            assertThat(named).isEqualTo(servers(port));
        }
    }

    /** As {@code turnstile} in the path of a folder. */
    @Test
    void aPasswordThatIsPartOfAnotherArgumentIsNotCalledVisible() throws IOException {
        String argument = ProcessHandle.current().info().arguments().orElseThrow()[0];
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            int port = server.getLocalPort();
            target(
                    "--kafka=127.0.0.1:" + port,
                    "--redis-line=redis://127.0.0.1:" + port,
                    "--mysql-url=jdbc:mysql://127.0.0.1:" + port + "/turnstile",
                    "--mysql-user=owner",
                    "--mysql-password=" + argument.substring(1));
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void noSystemIsOneLineThatSaysHowToHaveOne() {
        assertThatThrownBy(this::target)
                .isInstanceOf(UserError.class)
                .hasMessage("no system is running (local/target/local/addresses.json is missing): start one with"
                        + " ./turnstile up, or name its servers with --kafka, --redis-line and --mysql-url");
    }

    @Test
    void aSystemThatHasEndedIsOneLine() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        tellAddresses(servers(port));
        assertThatThrownBy(this::target)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("Kafka can't be reached (127.0.0.1:" + port)
                .hasMessageContaining("the system that local/target/local/addresses.json describes has ended");
    }

    private ServerAddresses target(String... arguments) {
        AnyCommand command = new AnyCommand();
        CommandLine commandLine = new CommandLine(command).setErr(new PrintWriter(err, true));
        commandLine.parseArgs(arguments);
        return command.target.servers(commandLine, project);
    }

    private static ServerAddresses servers(int port) {
        return new ServerAddresses(
                "127.0.0.1:" + port,
                "jdbc:mysql://127.0.0.1:" + port + "/turnstile",
                "owner",
                "secret",
                URI.create("redis://127.0.0.1:" + port),
                List.of());
    }

    private void tellAddresses(ServerAddresses servers) throws IOException {
        SystemAddresses told = new SystemAddresses(
                List.of(URI.create("http://127.0.0.1:1")), servers, "token", 1, Map.of("kafka", 2L));
        Files.createDirectories(project.addresses().getParent());
        Files.write(project.addresses(), JsonMapper.shared().writeValueAsBytes(told));
    }
}

package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.Turnstile;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command on real processes. The contenders have tests of their own. */
class BenchIT {

    @Test
    void measuresWhatIsAskedForAndWritesEverySample(@TempDir Path folder) throws Exception {
        ServerAddresses servers = SharedStack.get().addresses();
        StringWriter told = new StringWriter();
        CommandLine command = Turnstile.commandLine().setOut(new PrintWriter(told));
        int code = command.execute(
                "bench",
                "--quick",
                "--only=length,load,profile",
                "--workers=1",
                "--port=" + new FreePorts(new SecureRandom()).next(),
                "--out=" + folder,
                "--kafka=" + servers.kafka(),
                "--mysql-url=" + servers.jdbcUrl(),
                "--mysql-user=" + servers.jdbcUser(),
                "--mysql-password=" + servers.jdbcPassword(),
                "--redis-line=" + servers.lineRedis(),
                "--redlock-nodes="
                        + servers.redlockNodes().stream().map(URI::toString).collect(Collectors.joining(",")));

        assertThat(code).as(told.toString()).isZero();
        JsonNode result = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("results.json")));
        assertThat(result.path("quick").asBoolean()).isTrue();
        assertThat(result.path("series"))
                .extracting(series -> series.path("suite").asString())
                .contains("length", "load");
        assertThat(result.path("series"))
                .filteredOn(series -> series.path("metric").asString().equals("failed"))
                .isNotEmpty()
                .allSatisfy(series ->
                        assertThat(series.path("samples").get(0).asDouble()).isZero());
        assertThat(Files.readString(folder.resolve("results.md"))).contains("| Turnstile fair |", "not for quoting");
    }

    @Test
    void aSuiteThatDoesNotExistIsNamed() {
        StringWriter told = new StringWriter();
        CommandLine command = Turnstile.commandLine().setErr(new PrintWriter(told));
        assertThat(command.execute("bench", "--only=drain,speed")).isEqualTo(2);
        assertThat(told.toString()).contains("--only", "'speed'", "drain, catalogue, locks, crowd");
    }
}

package dev.turnstile.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TurnstileTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine commandLine =
            Turnstile.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

    private int execute(String line) {
        return commandLine.execute(line.split(" ", -1));
    }

    @Test
    void helpTellsTheFlags() {
        assertThat(execute("up --help")).isZero();
        assertThat(out.toString())
                .contains("--apis", "--workers", "--stock", "--port", "--database", "--fair-partition-key")
                .contains("--kafka", "--redis-line", "--redlock-nodes", "--mysql-url");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up --apis 0",
                "up --workers -1",
                "up --apis 2 --port 65535",
                "up --stock -1",
                "up --stock many",
                "up --database oracle",
                "up --fair-partition-key user",
                "up --kafka localhost",
                "up --redis-line http://localhost:1",
                "up --redlock-nodes redis://localhost:1,redis://localhost:2",
                "up --mysql-url jdbc:postgresql://localhost/x --mysql-user x",
                "up --mysql-url jdbc:mysql://localhost/x",
                "up --mysql-user x",
                "up --no-such-flag",
                "audit --kafka localhost",
                "audit --kafka localhost:1",
                "audit --redis-line redis://localhost:1 --mysql-url jdbc:mysql://localhost/x --mysql-user x",
                "audit --products all",
                "audit --products 1-",
                "audit --products 1,",
                "audit --patience soon",
                "audit --rows 0",
                "replay",
                "replay --topic orders.fair --speed fast",
                "replay --topic orders.fair --speed 0",
                "replay --topic orders.fair --rate 0",
                "replay --topic orders.fair --count 0",
                "replay --topic orders.fair --wait 0s",
                "replay --topic orders.fair --from yesterday",
                "replay --topic orders.fair --from 2026-01-01T00:00",
                "replay --topic orders.fair --from 2026-01-02T00:00Z --to 2026-01-01T00:00Z",
                "replay --topic orders.fair --from 2026-01-01T00:00Z --from-offset 1",
                "replay --topic orders.fair --from-offset 7 --to-offset 7",
                "replay --topic orders.fair --to-topic orders.fair",
                "replay --topic orders.fair --kafka localhost",
                "replay --topic orders.fair --mysql-url jdbc:mysql://localhost/x --mysql-user x",
                "dlt",
                "dlt list --limit 0",
                "dlt list --limit 10001",
                "dlt redrive",
                "dlt redrive orders.fair.dlt",
                "dlt redrive orders.fair.dlt/1/2 --all",
                "dlt redrive orders.fair.dlt/1/2 --yes",
                "dlt redrive --all --redis-line redis://localhost:1",
                "dawn",
            })
    void whatMakesNoSenseIsAUsageError(String line) {
        assertThat(execute(line)).isEqualTo(2);
        assertThat(err.toString()).isNotBlank().doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up --redis-line redis://:s3cret@localhost:1?database=2",
                "up --redis-line redis://:s3cret%@localhost:1",
                "up --redis-line redis://:s3cret@localhost",
                "up --redlock-nodes redis://:s3cret@localhost:1/locks",
                "up --redlock-nodes redis://:s3,cret@localhost:1",
                "up --kafka user:s3cret@localhost:1",
                "up --mysql-url jdbc:mysql://user:s3cret@localhost/x --mysql-user x",
                "up --mysql-url jdbc:mysql://localhost/x?password=s3cret --mysql-user x",
                "up --mysql-user x --mysql-password=s3cret",
            })
    void whatMakesNoSenseIsToldWithoutItsPassword(String line) {
        assertThat(execute(line)).isEqualTo(2);
        assertThat(err.toString()).contains("--").doesNotContain("s3");
    }

    @Test
    void noCommandIsAUsageError() {
        assertThat(commandLine.execute()).isEqualTo(2);
        assertThat(err.toString()).contains("Missing command");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up --kafka 127.0.0.1:PORT",
                "replay --topic orders.fair --kafka 127.0.0.1:PORT",
                "dlt list --kafka 127.0.0.1:PORT",
                "dlt redrive --all --yes --kafka 127.0.0.1:PORT",
                "up --redis-line redis://127.0.0.1:PORT",
                "up --redlock-nodes redis://127.0.0.1:PORT",
                "up --mysql-url jdbc:mysql://127.0.0.1:PORT/turnstile --mysql-user x"
            })
    void serverThatDoesNotAnswerIsOneLineThatNamesItsFlag(String line) throws IOException {
        String flag = Stream.of("--kafka", "--redis-line", "--redlock-nodes", "--mysql-url")
                .filter(line::contains)
                .findFirst()
                .orElseThrow();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(execute(line.replace("PORT", Integer.toString(port)))).isEqualTo(1);

        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("turnstile: ")
                .contains("can't be reached (127.0.0.1:" + port, flag);
    }

    @Test
    void auditOfServersThatDoNotAnswerIsOneLineThatNamesTheFlag() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(execute("audit --kafka 127.0.0.1:" + port + " --redis-line redis://127.0.0.1:" + port
                        + " --mysql-url jdbc:mysql://127.0.0.1:" + port + "/turnstile --mysql-user x"))
                .isEqualTo(1);

        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("turnstile: Kafka can't be reached (127.0.0.1:" + port)
                .endsWith("is --kafka right?");
    }

    @Test
    void verboseShowsWhereItFailed() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThat(execute("up --verbose --kafka 127.0.0.1:" + port)).isEqualTo(1);

        assertThat(err.toString()).contains("\tat ");
    }
}

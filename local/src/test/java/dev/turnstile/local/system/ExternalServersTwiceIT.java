package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.audit.Audit;
import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import dev.turnstile.proof.Proofs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A system on some servers of the user's own and some that it starts itself, twice in a row: what the first one left is
 * adopted, or refused in one line where it belongs to a ledger that has gone with the first one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag(Proofs.TAG)
class ExternalServersTwiceIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> KINDS = List.of("kafka", "mysql", "line", "redlock");

    private final ProjectFiles project = ProjectFiles.locate();
    private final HttpClient http = HttpClient.newHttpClient();
    private RunFolder run;
    private ServerAddresses users;
    private String schema = "";
    private int schemas;

    @BeforeAll
    void startServersOfTheUser() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers of its own");
        run = RunFolder.open(project.runs());
        users = ServerStack.start(project, run, ExternalServers.NONE, null, line -> {})
                .addresses();
    }

    @AfterAll
    void stop() {
        if (run != null) {
            run.close();
        }
    }

    static Stream<List<String>> combinations() {
        return Stream.iterate(0, bits -> bits + 1).limit(1L << KINDS.size()).map(bits -> Stream.iterate(0, i -> i + 1)
                .limit(KINDS.size())
                .filter(i -> ((bits >> i) & 1) == 1)
                .map(KINDS::get)
                .toList());
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void theSecondOneIsRefusedOrAdoptsWhatIsThere(List<String> own) throws Exception {
        empty();
        ExternalServers servers = own(own);
        serve(servers);
        if (!own.contains("mysql") && (own.contains("kafka") || own.contains("line"))) {
            assertThatThrownBy(() -> serve(servers))
                    .isInstanceOf(UserError.class)
                    .satisfies(refusal -> assertThat(refusal.getMessage())
                            .hasLineCount(1)
                            .contains("belongs to installation", "name a server of this installation"));
        } else {
            serve(servers);
        }
    }

    /** As {@code turnstile up} does, some orders, and an audit. */
    private void serve(ExternalServers own) throws Exception {
        SystemOptions options = new SystemOptions(1, 2, SystemOptions.ANY_PORT, FairPartitionKey.PRODUCT);
        try (RunFolder up = RunFolder.open(project.runs());
                ServerStack servers = ServerStack.start(project, up, own, null, line -> {});
                TurnstileSystem system = TurnstileSystem.start(project, up, servers, options)) {
            URI api = system.addresses().apis().get(0);
            for (int product = 1; product <= 3; product++) {
                system.setStock(product, 90);
            }
            for (int i = 0; i < 6; i++) {
                String mode = i % 2 == 0 ? "fair" : "distributed";
                HttpResponse<String> answer = http.send(
                        HttpRequest.newBuilder(api.resolve("/v1/stocks/locks/" + mode))
                                .timeout(PATIENCE)
                                .header("Content-Type", "application/json")
                                .method(
                                        "PATCH",
                                        BodyPublishers.ofString("{\"orders\":[{\"productId\":1,\"quantity\":1},"
                                                + "{\"productId\":2,\"quantity\":1}]}"))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(mode + ": " + answer.body()).isEqualTo(200);
            }
            AuditReport report = Audit.of(system.addresses().servers())
                    .withPatience(PATIENCE)
                    .run();
            assertThat(report.refuted()).isEmpty();
        }
    }

    private ExternalServers own(List<String> kinds) {
        return new ExternalServers(
                kinds.contains("kafka") ? users.kafka() : null,
                kinds.contains("mysql")
                        ? new ExternalServers.Jdbc(
                                users.jdbcUrl().replaceFirst("/[a-z]+\\?", "/" + schema + "?"),
                                users.jdbcUser(),
                                users.jdbcPassword())
                        : null,
                kinds.contains("line") ? users.lineRedis() : null,
                kinds.contains("redlock") ? users.redlockNodes() : List.of());
    }

    /** As they are before anything used them. */
    private void empty() throws Exception {
        schema = "own_" + ++schemas;
        new JdbcTemplate(new DriverManagerDataSource(users.jdbcUrl(), users.jdbcUser(), users.jdbcPassword()))
                .execute("CREATE DATABASE " + schema);
        List<URI> redis = new ArrayList<>(users.redlockNodes());
        redis.add(users.lineRedis());
        for (URI uri : redis) {
            flush(uri);
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", users.kafka()))) {
            admin.deleteTopics(admin.listTopics().names().get()).all().get();
            admin.deleteConsumerGroups(admin.listGroups().all().get().stream()
                            .map(group -> group.groupId())
                            .toList())
                    .all()
                    .get();
        }
    }

    private static void flush(URI uri) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
            socket.getOutputStream().write("FLUSHALL\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("+OK\r\n");
        }
    }
}

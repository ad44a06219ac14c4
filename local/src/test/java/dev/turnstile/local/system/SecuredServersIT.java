package dev.turnstile.local.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.SecuredServers;
import dev.turnstile.local.server.SecuredServers.Role;
import dev.turnstile.local.server.SharedStack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * An API and a worker on servers that want credentials, speak TLS only and allow no more than must be, by configuration
 * alone.
 */
class SecuredServersIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void ordersAreServedOverEncryptedAndAuthenticatedConnections() throws Exception {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers of its own");
        ProjectFiles project = ProjectFiles.locate();
        FreePorts ports = new FreePorts(new SecureRandom());
        int port = ports.next();
        try (RunFolder run = RunFolder.open(project.runs());
                SecuredServers servers = new SecuredServers(run)) {
            ChildProcess api = SharedSystem.process(
                    run,
                    project.applicationJar("api"),
                    "api-secured",
                    port,
                    servers.trust(),
                    and(servers.arguments(), "--turnstile.api.admin-token=token"),
                    servers.environment(Role.API));
            ChildProcess worker = SharedSystem.process(
                    run,
                    project.applicationJar("worker"),
                    "worker-secured",
                    ports.next(),
                    servers.trust(),
                    and(servers.arguments(), "--turnstile.worker.id=worker-secured"),
                    servers.environment(Role.WORKER));
            ChildProcess.startAll(List.of(api, worker));

            URI uri = URI.create("http://127.0.0.1:" + port);
            assertThat(send(uri.resolve("/v1/stocks/1"), "PUT", "{\"quantity\":5}")
                            .statusCode())
                    .isEqualTo(200);
            for (String mode : List.of("fair", "distributed")) {
                HttpResponse<String> answer = send(
                        uri.resolve("/v1/stocks/locks/" + mode),
                        "PATCH",
                        "{\"orders\":[{\"productId\":1,\"quantity\":1}]}");
                assertThat(answer.statusCode()).as(mode + ": " + answer.body()).isEqualTo(200);
            }
            assertThat(send(uri.resolve("/v1/stocks/1"), "GET", "").body())
                    .contains("\"quantity\":3", "\"cachedQuantity\":3");
            for (ChildProcess process : List.of(api, worker)) {
                assertThat(process.log().file()).content().doesNotContain(SecuredServers.secret());
            }
        }
    }

    private HttpResponse<String> send(URI uri, String method, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri)
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer token")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static List<String> and(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return all;
    }
}

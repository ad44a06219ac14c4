package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;

@HttpTest
class CorsHttpTest {

    private static final String SHOP = "https://shop.example";
    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String ORDER = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";

    @LocalServerPort
    int port;

    @Test
    void isOffUnlessOriginsAreNamed() throws Exception {
        ApiClient api = new ApiClient(port);
        HttpResponse<String> answer = api.send(api.request("/v1/stocks").header("Origin", SHOP));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
        HttpResponse<String> preflight = preflight(api, SHOP, "PATCH", FAIR);
        assertThat(preflight.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
    }

    @Test
    void letsPagesOfNamedOriginsInAndNoOthers() throws Exception {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(FakeBackends.class)
                .run(
                        "--server.port=0",
                        "--springdoc.api-docs.enabled=false",
                        "--turnstile.http.allowed-origins=" + SHOP + ",http://localhost:3000")) {
            ApiClient api =
                    new ApiClient(application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
            for (String method : List.of("PATCH", "PUT", "DELETE")) {
                HttpResponse<String> preflight = preflight(api, "http://localhost:3000", method, "/v1/stocks/1");
                assertThat(preflight.statusCode()).isEqualTo(200);
                assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                        .hasValue("http://localhost:3000");
                assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                        .hasValueSatisfying(methods -> assertThat(methods).contains(method));
                assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                        .hasValue("Content-Type, Idempotency-Key, Prefer, Authorization");
                assertThat(preflight.headers().firstValue("Access-Control-Allow-Credentials"))
                        .isEmpty();
            }
            HttpResponse<String> refused = api.send(
                    api.request("PATCH", FAIR, ORDER.replace("1}", "0}")).header("Origin", SHOP));
            assertProblem(refused, 422, "invalid-request");
            assertThat(refused.headers().firstValue("Access-Control-Allow-Origin"))
                    .hasValue(SHOP);
            assertThat(refused.headers().firstValue("Access-Control-Expose-Headers"))
                    .hasValue("Location, Retry-After, Idempotent-Replayed");
            for (String origin : List.of("https://evil.example", "http://shop.example", SHOP + ":444", "null")) {
                assertProblem(
                        api.send(api.request("PATCH", FAIR, ORDER).header("Origin", origin)),
                        403,
                        "origin-not-allowed");
                assertProblem(preflight(api, origin, "PATCH", FAIR), 403, "origin-not-allowed");
            }
            assertProblem(preflight(api, SHOP, "BREW", FAIR), 403, "origin-not-allowed");
            assertThat(application.getBean(FakeBackends.FakePublisher.class).published())
                    .isEmpty();
        }
    }

    private static HttpResponse<String> preflight(ApiClient api, String origin, String method, String path)
            throws Exception {
        return api.send(api.request(path)
                .method("OPTIONS", BodyPublishers.noBody())
                .header("Origin", origin)
                .header("Access-Control-Request-Method", method)
                .header("Access-Control-Request-Headers", "Content-Type, Idempotency-Key, Prefer, Authorization"));
    }
}

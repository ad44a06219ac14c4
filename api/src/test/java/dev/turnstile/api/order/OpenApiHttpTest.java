package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import dev.turnstile.fuzz.RequestFuzzer;
import dev.turnstile.fuzz.RequestFuzzer.Shot;
import dev.turnstile.order.Outcome;
import dev.turnstile.proof.Proofs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Holds the description of the API to what it does. */
@HttpTest
class OpenApiHttpTest {

    private static final Pattern LOADED = Pattern.compile("(?:src|href)=\"([^\"]+)\"");
    private static final Pattern START = Pattern.compile("([A-Z]+) (/[^ ?]*)(?:\\?[^ ]*)? HTTP/1.1\r\n");

    /** Of an address or a method, not of an operation. */
    private static final Set<ProblemType> OF_NO_OPERATION =
            Set.of(ProblemType.NOT_FOUND, ProblemType.METHOD_NOT_ALLOWED);

    @Autowired
    FakeBackends.FakePublisher publisher;

    @Autowired
    FakeBackends.FakeLine line;

    @Autowired
    FakeBackends.FakeLedger ledger;

    @LocalServerPort
    int port;

    private ApiClient api;
    private JsonNode description;

    @BeforeEach
    void read() throws Exception {
        api = new ApiClient(port);
        description = ApiClient.json(api.send(api.request("/v3/api-docs")));
        publisher.decide = order -> new Outcome.Fulfilled(List.of());
        publisher.failure = null;
        line.failure = null;
        ledger.failure = null;
    }

    @Test
    void everyAnswerHasASchemaAndAnExampleOfItsStatus() {
        List<String> operations = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : description.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                operations.add(operation.getKey() + " " + path.getKey());
                assertThat(operation.getValue().get("summary").asString()).isNotBlank();
                for (Map.Entry<String, JsonNode> answer :
                        operation.getValue().get("responses").properties()) {
                    String name = operation.getKey() + " " + path.getKey() + " " + answer.getKey();
                    JsonNode content = answer.getValue().get("content");
                    assertThat(content).as(name).hasSize(1);
                    for (JsonNode document : content) {
                        assertThat(document.get("schema")).as(name).isNotEmpty();
                        JsonNode examples =
                                document.has("examples") ? document.get("examples") : document.get("example");
                        assertThat(examples).as(name).isNotNull();
                        assertThat(examples.toString()).as(name).hasSizeGreaterThan("{}".length());
                        if (content.has("application/problem+json")) {
                            examples.forEach(example -> assertThat(
                                            example.at("/value/status").asString())
                                    .as(name)
                                    .isEqualTo(answer.getKey()));
                        }
                    }
                }
            }
        }
        assertThat(operations)
                .contains(
                        "patch /v1/stocks/locks/fair",
                        "patch /v1/stocks/locks/distributed",
                        "get /v1/orders/{orderId}",
                        "get /v1/orders/{orderId}/events",
                        "delete /v1/orders/{orderId}",
                        "get /v1/stocks",
                        "get /v1/stocks/{productId}",
                        "put /v1/stocks/{productId}");
    }

    @Test
    void everyProblemTypeIsListedAndExplained() {
        Set<String> uris = new TreeSet<>();
        description.at("/components/schemas/Problem/properties/type/enum").forEach(uri -> uris.add(uri.asString()));
        assertThat(uris)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ProblemType.values())
                        .map(type -> type.uri().toString())
                        .toList());
        Set<String> used = new TreeSet<>();
        for (JsonNode path : description.get("paths")) {
            for (JsonNode operation : path) {
                for (JsonNode answer : operation.get("responses")) {
                    answer.at("/content/application~1problem+json/examples")
                            .forEach(example ->
                                    used.add(example.at("/value/type").asString()));
                }
            }
        }
        for (ProblemType type : ProblemType.values()) {
            assertThat(description.at("/info/description").asString()).contains("| `" + type.slug() + "` | ");
            assertThat(used.contains(type.uri().toString()))
                    .as("an operation has " + type)
                    .isEqualTo(!OF_NO_OPERATION.contains(type));
        }
    }

    @Test
    void whatIsAnsweredIsDescribed() throws Exception {
        long seed = Long.getLong("turnstile.seed", Proofs.wanted() ? System.nanoTime() : FuzzHttpTest.SEED);
        RequestFuzzer fuzzer = new RequestFuzzer(seed, List.of(1L, 2L), "secret");
        int known = 0;
        for (int i = 0; i < 1500; i++) {
            Shot shot = fuzzer.next();
            Matcher start = START.matcher(new String(shot.bytes(), StandardCharsets.ISO_8859_1));
            if (shot.methods().size() == 1 && start.lookingAt()) {
                Optional<JsonNode> operation = operation(start.group(1), start.group(2));
                if (operation.isPresent()) {
                    known++;
                    check(operation.get(), shot, "-Dturnstile.seed=" + seed + "\n" + shot);
                }
            }
        }
        assertThat(known).isGreaterThan(200);
    }

    private void check(JsonNode operation, Shot shot, String story) throws IOException {
        try (RawHttp http = new RawHttp(port, Duration.ofSeconds(20))) {
            http.send(shot.bytes());
            http.finish();
            Optional<Answer> read = http.read(false);
            if (read.isPresent()) {
                Answer answer = read.get();
                JsonNode described = operation.at("/responses/" + answer.status());
                assertThat(described.isMissingNode()).as(answer + "\n" + story).isFalse();
                if (answer.status() >= 400) {
                    Set<String> types = new TreeSet<>();
                    described
                            .at("/content/application~1problem+json/examples")
                            .forEach(example -> types.add(
                                    "{\"type\":\"" + example.at("/value/type").asString() + "\""));
                    assertThat(types).as(answer + "\n" + story).anyMatch(answer.body()::startsWith);
                }
            }
        }
    }

    private Optional<JsonNode> operation(String method, String path) {
        for (Map.Entry<String, JsonNode> described : description.get("paths").properties()) {
            String pattern = described.getKey().replaceAll("\\{[a-zA-Z]+}", "[\\\\w-]+");
            JsonNode operation = described.getValue().path(method.toLowerCase(Locale.ROOT));
            if (path.matches(pattern) && !operation.isMissingNode()) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }

    @Test
    void thePageToTryItLoadsNothingFromElsewhere() throws Exception {
        HttpResponse<String> redirect = api.send(api.request("/swagger-ui.html"));
        assertThat(redirect.statusCode()).isEqualTo(302);
        String address = redirect.headers().firstValue("Location").orElseThrow();
        URI page = URI.create("http://x/swagger-ui.html").resolve(address);
        HttpResponse<String> html = api.send(api.request(page.getPath()));
        assertThat(html.statusCode()).isEqualTo(200);
        List<String> loaded = LOADED.matcher(html.body())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(loaded).hasSizeGreaterThan(3);
        for (String relative : loaded) {
            assertThat(relative).doesNotContain("//");
            HttpResponse<String> part =
                    api.send(api.request(page.resolve(relative).getPath()));
            assertThat(part.statusCode()).as(relative).isEqualTo(200);
            if (relative.endsWith(".css")) {
                assertThat(part.body()).doesNotContain("@import").doesNotContain("url(http");
            }
        }
        JsonNode config = ApiClient.json(api.send(api.request("/v3/api-docs/swagger-config")));
        assertThat(config.get("url").asString()).isEqualTo("/v3/api-docs");
        assertThat(config.get("validatorUrl").asString())
                .as("asks no validator on the web")
                .isEmpty();
        assertThat(description.at("/servers/0/url").asString())
                .as("tries it where it came from")
                .isEqualTo("/");
    }
}

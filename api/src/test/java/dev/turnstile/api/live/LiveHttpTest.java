package dev.turnstile.api.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.reset;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import dev.turnstile.api.order.ApiClient;
import dev.turnstile.api.order.HttpTest;
import dev.turnstile.line.LineStatus;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.RecentDecisions;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@HttpTest
class LiveHttpTest {

    @Autowired
    RecentDecisions tail;

    @Autowired
    LineStatus board;

    @Autowired
    LiveFeed feed;

    private final HttpClient http = HttpClient.newHttpClient();
    private String address = "";
    private ApiClient api;

    @BeforeEach
    void servers(@LocalServerPort int port) {
        address = "http://127.0.0.1:" + port;
        api = new ApiClient(port);
        when(tail.after(anyLong(), anyInt()))
                .thenReturn(List.of(new RecentDecisions.Entry(
                        3, Mode.FAIR, Outcome.FULFILLED, List.of(new OrderLine(1, 2)), (1L << 40) + 8, false)));
        when(board.look(any()))
                .thenReturn(CompletableFuture.completedFuture(new LineStatus.Snapshot(5, 4, List.of(), List.of())));
    }

    @AfterEach
    void fresh() {
        await().until(() -> feed.count() == 0);
        reset(tail, board);
    }

    private HttpResponse<Stream<String>> watch() throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(address + "/v1/live"))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                BodyHandlers.ofLines());
    }

    @Test
    void thePageAndAllThatItLoadsComeFromHere() throws Exception {
        HttpResponse<String> page = api.send(api.request("/").header("Accept", "text/html"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy ->
                        assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe"));
        List<String> loaded = Pattern.compile("(?:src|href)=\"(/page/[^\"]+)\"")
                .matcher(page.body())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(loaded).hasSize(3);
        for (String path : loaded) {
            HttpResponse<String> part = api.send(api.request(path));
            assertThat(part.statusCode()).as(path).isEqualTo(200);
            assertThat(part.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith(path.endsWith("css") ? "text/css" : "text/javascript");
        }
        assertThat(page.body()).doesNotContain("http://").doesNotContain("https://");
    }

    @Test
    void everyElementThatTheScriptNamesIsOnThePage() throws Exception {
        String page = api.send(api.request("/")).body();
        String script = api.send(api.request("/page/live.js")).body();
        List<String> named = Pattern.compile("(?:byId|text|rows)\\(\\s*'([^']+)'")
                .matcher(script)
                .results()
                .map((MatchResult match) -> match.group(1))
                .distinct()
                .toList();
        assertThat(named).hasSizeGreaterThan(15).allSatisfy(id -> assertThat(page)
                .contains("id=\"" + id + "\""));
    }

    @Test
    void aWatcherIsToldWhatWasAndThenWhatIsNew() throws Exception {
        List<String> soFar = new CopyOnWriteArrayList<>();
        HttpResponse<Stream<String>> events = watch();
        assertThat(events.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
            try (Stream<String> lines = events.body()) {
                lines.filter(line -> line.startsWith("data:")).limit(3).forEach(soFar::add);
            }
        });
        reading.get(20, TimeUnit.SECONDS);
        assertThat(soFar).hasSize(3);
        assertThat(soFar.get(0))
                .contains("\"commit\":3")
                .contains("\"ticket\":8")
                .contains("\"waiting\":5");
        assertThat(soFar.get(2)).contains("\"orders\":[]");
        assertThat(soFar.get(0)).as("ids are their owners' alone").doesNotContain("orderId");
    }

    @Test
    void whileNobodyWatchesNobodyLooks() throws Exception {
        watch().body().close();
        await().until(() -> feed.count() == 0);
        clearInvocations(tail, board);
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> verifyNoInteractions(tail, board));
    }

    @Test
    void moreThanMayWatchAreTurnedAway() throws Exception {
        List<HttpResponse<InputStream>> open = new ArrayList<>();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + "/v1/live")).build();
        try {
            for (int i = 0; i < 100; i++) {
                open.add(http.send(request, BodyHandlers.ofInputStream()));
            }
            ApiClient.assertProblem(api.send(api.request("/v1/live")), 503, "unavailable");
        } finally {
            for (HttpResponse<InputStream> each : open) {
                each.body().close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/page/", "/page/index.html", "/page/../application.yaml", "/page/live.txt", "/page/webjars/"})
    void nothingElseIsServed(String path) throws Exception {
        ApiClient.assertProblem(api.send(api.request(path)), 404, "not-found");
    }
}

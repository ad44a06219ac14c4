package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.line.SoldOutException;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.trace.ReadableSpan;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.client.RedisTimeoutException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.QueryTimeoutException;

/** The observable state of the API: metrics, traces, health. */
@HttpTest
class WatchingHttpTest {

    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String DISTRIBUTED = "/v1/stocks/locks/distributed";
    private static final String BODY = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Autowired
    FakeLine line;

    @Autowired
    FakeLedger ledger;

    @Autowired
    FakePublisher publisher;

    @Autowired
    SpanNotes spans;

    @Autowired
    MeterRegistry meters;

    private ApiClient api;

    @BeforeEach
    void reset(@LocalServerPort int port) {
        api = new ApiClient(port);
        line.failure = null;
        publisher.failure = null;
        publisher.published.clear();
        publisher.decide = order -> new Outcome.Fulfilled(List.of(new StockLevel(1, 89)));
        spans.ended().clear();
    }

    @AfterEach
    void leaveEverythingWell() {
        line.failure = null;
    }

    private double metric(String series) throws Exception {
        return api.send(api.request("/actuator/prometheus"))
                .body()
                .lines()
                .filter(sample -> sample.startsWith(series + " "))
                .mapToDouble(sample -> Double.parseDouble(sample.substring(series.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + series));
    }

    private static String answered(String mode, String outcome) {
        return "turnstile_orders_answered_total{mode=\"" + mode + "\",outcome=\"" + outcome + "\"}";
    }

    @Test
    void countsAnswersByModeAndOutcome() throws Exception {
        double fulfilled = metric(answered("distributed", "fulfilled"));
        double soldOut = metric(answered("fair", "sold-out"));
        double times = metric("turnstile_answer_time_seconds_count{mode=\"distributed\"}");

        api.send(api.request("PATCH", DISTRIBUTED, BODY));
        line.failure = new SoldOutException(List.of(new Shortage(1, 1, 0)));
        api.send(api.request("PATCH", FAIR, BODY));

        assertThat(metric(answered("distributed", "fulfilled"))).isEqualTo(fulfilled + 1);
        assertThat(metric(answered("fair", "sold-out"))).isEqualTo(soldOut + 1);
        assertThat(metric("turnstile_answer_time_seconds_count{mode=\"distributed\"}"))
                .isEqualTo(times + 1);
        assertThat(metric("turnstile_answer_time_seconds_bucket{mode=\"distributed\",le=\"120.0\"}"))
                .isEqualTo(times + 1);
    }

    @Test
    void countsAnswersThatAreNoOutcomeOnceEach() throws Exception {
        api.send(api.request("PATCH", FAIR, "{}"));
        double unavailable = metric(answered("fair", "unavailable"));
        double invalid = metric(answered("fair", "invalid-request"));

        line.failure = new SoldOutException(List.of(new Shortage(1, 1, 0)));
        ledger.failure = new QueryTimeoutException("down");
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, BODY)
                .header("Idempotency-Key", UUID.randomUUID().toString()));
        ledger.failure = null;
        api.send(api.request("PATCH", FAIR, "{}"));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(metric(answered("fair", "unavailable"))).isEqualTo(unavailable + 1);
        assertThat(metric(answered("fair", "invalid-request"))).isEqualTo(invalid + 1);
    }

    /** Filters, the web framework and Tomcat answer, too. */
    @Test
    void countsOnceWhatNeverReachesTheController(@LocalServerPort int port) throws Exception {
        Map<String, String> heads = new LinkedHashMap<>();
        String json = "Content-Type: application/json\r\n";
        String length = "Content-Length: " + BODY.length() + "\r\n";
        heads.put("Expect: 100-continue\r\nContent-Length: 100000\r\n" + json, "body-too-large");
        heads.put("Content-Length: 100000\r\n" + json, "body-too-large");
        heads.put("Content-Type: text/plain\r\n" + length, "unsupported-media-type");
        heads.put("Content-Encoding: gzip\r\n" + json + length, "unsupported-media-type");
        heads.put("Accept: ,,/\r\n" + json + length, "not-acceptable");
        heads.put("Content-Type: application/*\r\n" + length, "bad-request");
        heads.put("Transfer-Encoding: rot13\r\n" + json, "bad-request"); // Tomcat's 501
        heads.put("Host: y\r\n" + json + length, "bad-request"); // Tomcat's 400: there is one already
        heads.put("X: " + "x".repeat(9000) + "\r\n" + json + length, "bad-request"); // Tomcat's 400
        Map<String, Double> before = answeredFairly();
        Map<String, Double> expected = new TreeMap<>(before);
        for (Map.Entry<String, String> head : heads.entrySet()) {
            expected.merge(head.getValue(), 1.0, Double::sum);
            try (RawHttp client = new RawHttp(port, Duration.ofSeconds(20))) {
                client.send("PATCH " + FAIR + " HTTP/1.1\r\nHost: x\r\n" + head.getKey() + "\r\n" + BODY);
                assertThat(client.read().status()).as(head.toString()).isGreaterThanOrEqualTo(400);
            }
        }
        api.send(api.request("PATCH", "/v1/stocks/locks/fairly", BODY));
        api.send(api.request("PUT", FAIR, BODY));
        await().untilAsserted(() -> assertThat(answeredFairly()).isEqualTo(expected));
        expected.merge("fulfilled", 1.0, Double::sum);
        api.send(api.request("PATCH", FAIR, BODY));
        api.send(api.request("/actuator/prometheus"));
        assertThat(answeredFairly()).as("nothing counts twice").isEqualTo(expected);
    }

    private Map<String, Double> answeredFairly() {
        return meters.find("turnstile.orders.answered").tag("mode", "fair").counters().stream()
                .collect(Collectors.toMap(
                        counter -> counter.getId().getTag("outcome"), Counter::count, Double::sum, TreeMap::new));
    }

    @Test
    void tellsHowManyRequestsWait() throws Exception {
        publisher.decide = null;
        double before = metric("turnstile_requests_waiting");
        CompletableFuture<HttpResponse<String>> answer =
                api.sendAsync(api.request("PATCH", FAIR, BODY).header("Prefer", "wait=1"));
        await().until(() -> metric("turnstile_requests_waiting") == before + 1);
        answer.join();
        assertThat(metric("turnstile_requests_waiting")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void anOrderGoesOnFromTheTraceOfItsRequest(String path) throws Exception {
        api.send(api.request("PATCH", path, BODY).header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));

        await().until(() -> !spans.ended().isEmpty());
        assertThat(spans.ended()).singleElement().satisfies(request -> {
            assertThat(request.getSpanContext().getTraceId()).isEqualTo(TRACE);
            assertThat(request.getParentSpanContext().getSpanId()).isEqualTo("00f067aa0ba902b7");
            assertThat(publisher.published().get(0).traceParent()).isEqualTo(traceParent(request));
        });
    }

    @Test
    void soDoesAnOrderWithAnIdempotencyKey() throws Exception {
        api.send(api.request("PATCH", DISTRIBUTED, BODY)
                .header("Idempotency-Key", "\"" + UUID.randomUUID() + "\"")
                .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));
        assertThat(publisher.published()).singleElement().satisfies(order -> assertThat(order.traceParent())
                .startsWith("00-" + TRACE));
    }

    private static @Nullable String traceParent(ReadableSpan span) {
        return "00-" + span.getSpanContext().getTraceId() + "-"
                + span.getSpanContext().getSpanId() + "-01";
    }

    @Test
    void whatIsNotSampledCarriesNoTrace() throws Exception {
        api.send(api.request("PATCH", FAIR, BODY));
        api.send(api.request("PATCH", FAIR, BODY).header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-00"));
        assertThat(publisher.published()).hasSize(2).allMatch(order -> order.traceParent() == null);
        assertThat(spans.ended()).isEmpty();
    }

    @Test
    void withoutTheLineItIsReadyAllTheSameAndTellsNobodyWhatIsMissing() throws Exception {
        assertThat(health("/liveness")).isEqualTo("200 {\"status\":\"UP\"}");
        await().until(() -> health("").startsWith("200 "));

        line.failure = new RedisTimeoutException("down");

        await().until(() -> health("").startsWith("503 "));
        assertThat(health("/readiness")).isEqualTo("200 {\"status\":\"UP\"}");
        assertThat(health("/liveness")).isEqualTo("200 {\"status\":\"UP\"}");
        assertThat(health("")).doesNotContain("line", "components", "details");
        assertThat(health("/line")).startsWith("404");
    }

    private String health(String path) throws Exception {
        HttpResponse<String> answer = api.send(api.request("/actuator/health" + path));
        return answer.statusCode() + " " + answer.body();
    }
}

package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.StockLevel;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@HttpTest
class OrderStreamsHttpTest {

    @Autowired
    FakeLine line;

    @Autowired
    FakeLedger ledger;

    @Autowired
    OrderStreams streams;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Order order = FakeBackends.order(Mode.FAIR);
    private String address = "";

    @BeforeEach
    void address(@LocalServerPort int port) {
        address = "http://127.0.0.1:" + port + "/v1/orders/";
        line.failure = null;
        ledger.failure = null;
    }

    @AfterEach
    void leave() {
        line.places.remove(order.id());
        ledger.decisions.remove(order.id());
    }

    private CompletableFuture<HttpResponse<Stream<String>>> open(String id) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + id + "/events"))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(30))
                .build();
        return http.sendAsync(request, BodyHandlers.ofLines());
    }

    /** All lines of a stream, once it has ended. */
    private CompletableFuture<List<String>> lines(List<String> soFar) {
        return open(order.id().toString()).thenApplyAsync(answer -> {
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/event-stream");
            assertThat(answer.headers().allValues("X-Accel-Buffering")).containsExactly("no");
            assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
            answer.body().filter(text -> !text.isEmpty()).forEach(soFar::add);
            return soFar;
        });
    }

    private Decision fulfilled() {
        return FakePublisher.decision(order, new Ticket(41), new Outcome.Fulfilled(List.of(new StockLevel(1, 3))));
    }

    @Test
    void tellsThePlaceWhenItChangesAndAtLastTheOutcome() throws Exception {
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 12, 20));
        List<String> soFar = new CopyOnWriteArrayList<>();
        CompletableFuture<List<String>> all = lines(soFar);
        await().untilAsserted(() -> assertThat(soFar).hasSize(2));
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 2, 20));
        await().untilAsserted(() -> assertThat(soFar).hasSize(4));
        streams.decided(fulfilled());

        List<String> lines = all.get(10, TimeUnit.SECONDS);
        assertThat(lines.stream().filter(text -> text.startsWith("event:")))
                .containsExactly("event:waiting", "event:waiting", "event:decided");
        assertThat(lines.get(1)).contains("\"place\":13").contains("\"status\":\"WAITING\"");
        assertThat(lines.get(3)).contains("\"place\":3");
        assertThat(lines.get(5)).contains("\"status\":\"FULFILLED\"");
        await().until(() -> streams.count() == 0);
    }

    @Test
    void findsAnOutcomeThatCameToAnotherInstance() throws Exception {
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 0, 1));
        List<String> soFar = new CopyOnWriteArrayList<>();
        CompletableFuture<List<String>> all = lines(soFar);
        await().untilAsserted(() -> assertThat(soFar).hasSize(2));
        ledger.decisions.put(order.id(), fulfilled());
        line.places.remove(order.id());
        assertThat(all.get(10, TimeUnit.SECONDS)).contains("event:decided").hasSize(4);
    }

    @Test
    void anOrderThatVanishedEndsItsStream() throws Exception {
        CompletableFuture<List<String>> all = follow(new CopyOnWriteArrayList<>());
        line.places.remove(order.id());
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            streams.lookAfterAll();
            return all.isDone();
        });
        assertThat(all.get())
                .contains("event:unknown")
                .last()
                .asString()
                .contains(order.id().toString());
        assertThat(streams.count()).isZero();
    }

    @Test
    void aLineThatDoesNotAnswerIsNoReasonToEndAStream() throws Exception {
        List<String> soFar = new CopyOnWriteArrayList<>();
        CompletableFuture<List<String>> all = follow(soFar);
        line.places.remove(order.id());
        line.failure = new IllegalStateException("no Redis");
        AtomicInteger looks = new AtomicInteger();
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            streams.lookAfterAll();
            return looks.incrementAndGet() > 100;
        });
        line.failure = null;
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 3, 20));
        await().untilAsserted(() -> assertThat(soFar).hasSize(4));
        streams.decided(fulfilled());
        assertThat(all.get(10, TimeUnit.SECONDS)).contains("event:decided").doesNotContain("event:unknown");
    }

    private CompletableFuture<List<String>> follow(List<String> soFar) {
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 12, 20));
        CompletableFuture<List<String>> all = lines(soFar);
        await().untilAsserted(() -> assertThat(soFar).hasSize(2));
        return all;
    }

    /** One thread writes to all: it waited for each client that did not read, five seconds and more. */
    @Test
    void aClientThatDoesNotReadHoldsUpNoOther(@LocalServerPort int port) throws Exception {
        UUID other = UUID.randomUUID();
        line.places.put(other, new QueuePosition(new Ticket(40), 1, 20));
        try (RawHttp slow = new RawHttp(port, Duration.ofSeconds(20), 4096)) {
            slow.send("GET /v1/orders/" + other + "/events HTTP/1.1\r\nHost: x\r\n\r\n");
            await().until(() -> streams.count() == 1);
            List<String> soFar = new CopyOnWriteArrayList<>();
            CompletableFuture<List<String>> all = follow(soFar);
            AtomicInteger ahead = new AtomicInteger(1);
            await().atMost(Duration.ofSeconds(4)) // a write to a client that does not read fails after five
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> {
                        line.places.put(other, new QueuePosition(new Ticket(40), ahead.incrementAndGet(), 20));
                        streams.lookAfterAll();
                        return streams.count() == 1;
                    });
            streams.decided(fulfilled());
            assertThat(all.get(10, TimeUnit.SECONDS)).contains("event:decided");
        } finally {
            line.places.remove(other);
        }
    }

    @Test
    void ofADecidedOrderTellsThatAndEnds() throws Exception {
        ledger.decisions.put(order.id(), fulfilled());
        assertThat(lines(new CopyOnWriteArrayList<>()).get(10, TimeUnit.SECONDS))
                .hasSize(2)
                .first()
                .isEqualTo("event:decided");
    }

    @Test
    void twoMayListenToOneOrderAndWhoGoesAwayIsForgotten() throws Exception {
        line.places.put(order.id(), new QueuePosition(new Ticket(41), 0, 1));
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + order.id() + "/events"))
                .build();
        HttpResponse<InputStream> leaving = http.send(request, BodyHandlers.ofInputStream());
        List<String> soFar = new CopyOnWriteArrayList<>();
        CompletableFuture<List<String>> staying = lines(soFar);
        await().untilAsserted(() -> assertThat(streams.count()).isEqualTo(2));
        leaving.body().close();
        await().untilAsserted(() -> {
            line.places.computeIfPresent(
                    order.id(), (id, place) -> new QueuePosition(place.ticket(), place.ahead() + 1, 9));
            assertThat(streams.count()).isEqualTo(1);
        });
        streams.decided(fulfilled());
        assertThat(staying.get(10, TimeUnit.SECONDS)).contains("event:decided");
    }

    @Test
    void errorsAreProblemsHereToo(@LocalServerPort int port) throws Exception {
        ApiClient api = new ApiClient(port);
        assertProblem(api.send(api.request("/v1/orders/" + UUID.randomUUID() + "/events")), 404, "unknown-order");
        assertProblem(api.send(api.request("/v1/orders/1/events")), 400, "invalid-parameter");
        assertProblem(
                api.send(api.request("/v1/orders/" + UUID.randomUUID() + "/events")
                        .header("Accept", "text/event-stream")),
                404,
                "unknown-order");
    }
}

package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static dev.turnstile.api.order.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakeMemory;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.SoldOutException;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.client.RedisTimeoutException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@HttpTest
class OrderHttpTest {

    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String DISTRIBUTED = "/v1/stocks/locks/distributed";
    private static final String TWO_LINES =
            "{\"orders\":[{\"productId\":2,\"quantity\":3},{\"productId\":1,\"quantity\":1}]}";

    @Autowired
    FakeLine line;

    @Autowired
    FakeMemory memory;

    @Autowired
    FakePublisher publisher;

    @Autowired
    FakeLedger ledger;

    @Autowired
    WaitingRequests waiting;

    private ApiClient api;

    @BeforeEach
    void reset(@LocalServerPort int port) {
        api = new ApiClient(port);
        line.failure = null;
        line.drawn.clear();
        line.cancelled.clear();
        line.places.clear();
        line.standing.clear();
        publisher.failure = null;
        publisher.published.clear();
        decideAll(order -> new Outcome.Fulfilled(List.of(new StockLevel(1, 89), new StockLevel(2, 87))));
        ledger.failure = null;
        ledger.decisions.clear();
    }

    private void decideAll(@Nullable Function<Order, Outcome> decide) {
        publisher.decide = decide;
    }

    @Test
    void answersAFulfilledFairOrderWithTicketAndRemainingStock() throws Exception {
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, TWO_LINES));
        Order order = publisher.published.get(0);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body())
                .isEqualTo("{\"orderId\":\"%s\",\"mode\":\"fair\",\"status\":\"FULFILLED\",\"ticket\":%d,"
                                .formatted(order.id(), line.tickets.get())
                        + "\"stocks\":[{\"productId\":1,\"quantity\":89},{\"productId\":2,\"quantity\":87}]}");
        assertThat(order.lines()).containsExactly(new OrderLine(1, 1), new OrderLine(2, 3));
        assertThat(order.id().version()).isEqualTo(7);
        assertThat(order.replyTo()).isNotNull();
    }

    @Test
    void distributedOrdersHaveNoTicketAndDoNotNeedTheLine() throws Exception {
        line.failure = new RedisTimeoutException("down");
        HttpResponse<String> answer = api.send(api.request("PATCH", DISTRIBUTED, TWO_LINES));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).get("mode").stringValue()).isEqualTo("distributed");
        assertThat(json(answer).has("ticket")).isFalse();
        assertThat(publisher.published).singleElement().extracting(Order::mode).isEqualTo(Mode.DISTRIBUTED);
    }

    @Test
    void addsLinesOfTheSameProductTogether() throws Exception {
        api.send(api.request(
                "PATCH", FAIR, "{\"orders\":[{\"productId\":7,\"quantity\":2},{\"productId\":7,\"quantity\":10000}]}"));
        assertThat(publisher.published.get(0).lines()).containsExactly(new OrderLine(7, 10_002));
    }

    @Test
    void outOfStockIsAConflictWithItsShortages() throws Exception {
        decideAll(order -> new Outcome.OutOfStock(List.of(new Shortage(2, 3, 1))));
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(answer, 409, "out-of-stock");
        assertThat(json(answer).get("shortages").toString())
                .isEqualTo("[{\"productId\":2,\"requested\":3,\"available\":1}]");
        assertThat(json(answer).get("orderId").stringValue())
                .isEqualTo(publisher.published.get(0).id().toString());
        assertThat(json(answer).get("ticket").longValue()).isEqualTo(line.tickets.get());
    }

    @Test
    void whatTheDoorRefusesIsAConflictThatNeverBecameAnOrder() throws Exception {
        line.failure = new SoldOutException(List.of(new Shortage(2, 3, 1)));
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(answer, 409, "out-of-stock");
        assertThat(json(answer).get("detail").stringValue())
                .isEqualTo("Product 2: requested 3, available 1. No stock was taken.");
        assertThat(json(answer).get("shortages").toString())
                .isEqualTo("[{\"productId\":2,\"requested\":3,\"available\":1}]");
        assertThat(json(answer).has("orderId")).isFalse();
        assertThat(publisher.published).isEmpty();
        assertThat(line.cancelled).isEmpty();
    }

    @Test
    void everyOtherOutcomeHasItsProblem() throws Exception {
        decideAll(order -> new Outcome.UnknownProduct(List.of(2L)));
        HttpResponse<String> unknown = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(unknown, 404, "unknown-product");
        assertThat(json(unknown).get("productIds").toString()).isEqualTo("[2]");

        decideAll(order -> new Outcome.Cancelled());
        assertProblem(api.send(api.request("PATCH", FAIR, TWO_LINES)), 410, "cancelled");

        decideAll(order -> new Outcome.Unavailable("the lock was not won in 10 tries"));
        HttpResponse<String> busy = api.send(api.request("PATCH", DISTRIBUTED, TWO_LINES));
        assertProblem(busy, 503, "lock-unavailable");
        assertThat(busy.headers().firstValue("Retry-After")).isPresent();

        decideAll(order -> new Outcome.Invalid("not readable"));
        assertProblem(api.send(api.request("PATCH", FAIR, TWO_LINES)), 422, "invalid-order");
    }

    @Test
    void answers202WithPlaceAndLocationWhenTheWaitEndsFirst() throws Exception {
        decideAll(null);
        line.tickets.set(40);
        CompletableFuture<HttpResponse<String>> pending =
                api.sendAsync(api.request("PATCH", FAIR, TWO_LINES).header("Prefer", "wait=1"));
        await().until(() -> !publisher.published.isEmpty());
        UUID id = publisher.published.get(0).id();
        line.places.put(id, new QueuePosition(new Ticket(41), 12, 20));
        HttpResponse<String> answer = pending.get();
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Location")).hasValue("/v1/orders/" + id);
        assertThat(answer.body())
                .isEqualTo(
                        "{\"orderId\":\"%s\",\"status\":\"WAITING\",\"ticket\":41,\"place\":13,\"estimatedWaitMs\":7}"
                                .formatted(id));
        assertThat(api.send(api.request("/v1/orders/" + id)).body()).isEqualTo(answer.body());
    }

    @Test
    void respondAsyncIsAnsweredAsSoonAsTheOrderIsPublished() throws Exception {
        decideAll(null);
        HttpResponse<String> answer =
                api.send(api.request("PATCH", DISTRIBUTED, TWO_LINES).header("Prefer", "respond-async"));
        assertThat(answer.statusCode()).isEqualTo(202);
        String location = answer.headers().firstValue("Location").orElseThrow();
        HttpResponse<String> status = api.send(api.request(location));
        assertThat(status.statusCode()).isEqualTo(200);
        assertThat(json(status).get("status").stringValue()).isEqualTo("WAITING");

        Order order = publisher.published.get(0);
        // without a waiting request: no harm
        waiting.decided(FakePublisher.decision(order, null, new Outcome.Cancelled()));
        memory.accepted.remove(order.id());
        assertProblem(api.send(api.request(location)), 404, "unknown-order"); // this fake ledger does not have it
    }

    @Test
    void tellsOfADistributedOrderThatAnotherInstanceAccepted() throws Exception {
        UUID id = UUID.randomUUID();
        String location = "/v1/orders/" + id;
        assertProblem(api.send(api.request(location)), 404, "unknown-order");
        memory.accepted.add(id);
        HttpResponse<String> status = api.send(api.request(location));
        assertThat(status.statusCode()).isEqualTo(200);
        assertThat(json(status).get("status").stringValue()).isEqualTo("WAITING");
        assertProblem(api.send(api.request(location).DELETE()), 409, "not-in-line");

        memory.failure = new RedisTimeoutException("down");
        HttpResponse<String> unsure = api.send(api.request(location));
        memory.failure = null;
        assertProblem(unsure, 503, "unavailable");
    }

    @Test
    void tellsTheTicketAlsoWhenTheOrderHasLeftTheLine() throws Exception {
        decideAll(null);
        HttpResponse<String> answer =
                api.send(api.request("PATCH", FAIR, TWO_LINES).header("Prefer", "respond-async"));
        assertThat(json(answer).get("ticket").longValue()).isEqualTo(line.tickets.get());
        assertThat(json(answer).has("place")).isFalse();
    }

    @Test
    void aLineThatDoesNotAnswerIs503AndNothingIsPublished() throws Exception {
        line.failure = new RedisTimeoutException("down");
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(answer, 503, "unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(publisher.published).isEmpty();
        assertThat(answer.body()).doesNotContain("Redis").doesNotContain("xception");
    }

    @Test
    void aBrokerThatDoesNotAnswerIs503WithLocationAndTheTicketIsCancelled() throws Exception {
        publisher.failure = new IllegalStateException("org.apache.kafka: timed out");
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(answer, 503, "unavailable");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(line.cancelled).isEqualTo(line.drawn).hasSize(1);
        assertThat(answer.headers().firstValue("Location")).hasValue("/v1/orders/" + line.drawn.get(0));
        assertThat(answer.body()).doesNotContain("kafka");
    }

    @Test
    void tellsADecidedOrderFromTheLedger() throws Exception {
        Order order = FakeBackends.order(Mode.FAIR);
        ledger.decisions.put(
                order.id(),
                FakePublisher.decision(order, new Ticket(5), new Outcome.OutOfStock(List.of(new Shortage(1, 1, 0)))));
        line.places.put(order.id(), new QueuePosition(new Ticket(5), 0, 1)); // committed, not yet released
        HttpResponse<String> answer = api.send(api.request("/v1/orders/" + order.id()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        JsonNode body = json(answer);
        assertThat(body.get("status").stringValue()).isEqualTo("OUT_OF_STOCK");
        assertThat(body.get("mode").stringValue()).isEqualTo("fair");
        assertThat(body.get("ticket").longValue()).isEqualTo(5);
        assertThat(body.get("decidedAt").stringValue()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(body.get("shortages").get(0).get("available").intValue()).isZero();
        assertThat(body.has("stocks")).isFalse();
    }

    @Test
    void anOrderInTheLineLeavesItAndWhoeverWaitsIsTold() throws Exception {
        decideAll(null);
        CompletableFuture<HttpResponse<String>> waits = api.sendAsync(api.request("PATCH", FAIR, TWO_LINES));
        await().until(() -> publisher.published.size() == 1);
        Order order = publisher.published.get(0);
        line.standing.put(order.id(), new TicketedOrder(order, new Ticket(line.tickets.get())));

        for (int time = 0; time < 2; time++) {
            HttpResponse<String> answer =
                    api.send(api.request("/v1/orders/" + order.id()).DELETE());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json(answer).get("status").stringValue()).isEqualTo("CANCELLED");
            assertThat(json(answer).get("ticket").longValue()).isEqualTo(line.tickets.get());
        }
        assertProblem(waits.get(10, TimeUnit.SECONDS), 410, "cancelled");
        assertThat(line.standing).isEmpty();
    }

    @Test
    void whatIsDecidedCannotLeaveAndKeepsItsOutcome() throws Exception {
        Order order = FakeBackends.order(Mode.FAIR);
        Outcome outcome = new Outcome.Fulfilled(List.of(new StockLevel(1, 3)));
        ledger.decisions.put(order.id(), FakePublisher.decision(order, new Ticket(5), outcome));
        line.standing.put(order.id(), new TicketedOrder(order, new Ticket(5))); // committed, not yet released
        for (int time = 0; time < 2; time++) {
            HttpResponse<String> answer =
                    api.send(api.request("/v1/orders/" + order.id()).DELETE());
            assertProblem(answer, 409, "already-decided");
            assertThat(json(answer).get("outcome").stringValue()).isEqualTo("FULFILLED");
        }
        assertThat(ledger.decisions.get(order.id()).outcome()).isEqualTo(outcome);
    }

    @Test
    void onlyWhoStandsInTheLineCanLeaveIt() throws Exception {
        assertProblem(api.send(api.request("/v1/orders/" + UUID.randomUUID()).DELETE()), 404, "unknown-order");
        assertProblem(api.send(api.request("/v1/orders/1").DELETE()), 400, "invalid-parameter");
        decideAll(null);
        CompletableFuture<HttpResponse<String>> waits = api.sendAsync(api.request("PATCH", DISTRIBUTED, TWO_LINES));
        await().until(() -> publisher.published.size() == 1);
        Order order = publisher.published.get(0);
        assertProblem(api.send(api.request("/v1/orders/" + order.id()).DELETE()), 409, "not-in-line");
        line.failure = new RedisTimeoutException("down");
        assertProblem(api.send(api.request("/v1/orders/" + order.id()).DELETE()), 503, "unavailable");
        waiting.decided(FakePublisher.decision(order, null, new Outcome.Unavailable("over")));
        assertProblem(waits.get(10, TimeUnit.SECONDS), 503, "lock-unavailable");
    }

    @Test
    void anUnknownOrderIs404AndABrokenIdIsNamed() throws Exception {
        assertProblem(api.send(api.request("/v1/orders/" + UUID.randomUUID())), 404, "unknown-order");
        for (String id : List.of("1", "1-1-1-1-1", "zzzzzzzz-0000-0000-0000-000000000000", "%00")) {
            HttpResponse<String> answer = api.send(api.request("/v1/orders/" + id));
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/problem+json"); // Tomcat itself refuses %00, and adds the charset
        }
    }

    @Test
    void doesNotCallAnOrderUnknownWhenTheLineCannotSay() throws Exception {
        line.failure = new RedisTimeoutException("down");
        assertProblem(api.send(api.request("/v1/orders/" + UUID.randomUUID())), 503, "unavailable");
    }

    @Test
    void aThousandWaitingRequestsHoldNoThreadAndTheNextIsRefused() throws Exception {
        decideAll(null);
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 1000)
                .mapToObj(i -> api.sendAsync(api.request("PATCH", FAIR, TWO_LINES)))
                .toList();
        await().until(() -> publisher.published.size() == 1000);
        await().untilAsserted(() -> assertThat(busyTomcatThreads()).isEmpty());

        HttpResponse<String> refused = api.send(api.request("PATCH", FAIR, TWO_LINES));
        assertProblem(refused, 503, "unavailable");
        assertThat(line.drawn).hasSize(1000);

        publisher.published.forEach(
                order -> waiting.decided(FakePublisher.decision(order, null, new Outcome.Fulfilled(List.of()))));
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(200);
        }
        assertThat(waiting.count()).isZero();
    }

    private static List<String> busyTomcatThreads() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().contains("-exec-"))
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().startsWith("org.apache.coyote")
                                || frame.getClassName().startsWith("dev.turnstile")))
                .map(thread -> thread.getKey().getName())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/orders", "/nothing", "/v1/stocks/locks/unfair", "/error", "/problems/none"})
    void pathsThatDoNotExistAreProblems(String path) throws Exception {
        HttpResponse<String> answer = api.send(api.request(path));
        assertThat(answer.statusCode()).isBetween(400, 405);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void aWrongMethodIsAProblemThatListsTheRightOnes() throws Exception {
        HttpResponse<String> answer = api.send(api.request("POST", FAIR, TWO_LINES));
        assertProblem(answer, 405, "method-not-allowed");
        assertThat(answer.headers().firstValue("Allow")).hasValue("PATCH");
    }

    @Test
    void everyProblemTypeCanBeOpened() throws Exception {
        HttpResponse<String> answer = api.send(api.request("/problems/out-of-stock"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).get("status").intValue()).isEqualTo(409);
    }

    @Test
    void describesItselfAsOpenApi() throws Exception {
        HttpResponse<String> answer = api.send(api.request("/v3/api-docs"));
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode paths = json(answer).get("paths");
        assertThat(paths.propertyNames())
                .contains(FAIR, DISTRIBUTED, "/v1/orders/{orderId}", "/v1/stocks", "/v1/stocks/{productId}");
        assertThat(paths.get(FAIR).get("patch").toString()).contains("OrderRequest");
    }
}

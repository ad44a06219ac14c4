package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static dev.turnstile.api.order.ApiClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakeMemory;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.line.LineCounters;
import dev.turnstile.line.LineFullException;
import dev.turnstile.line.SoldOutException;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.client.RedisTimeoutException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.QueryTimeoutException;

@HttpTest
class IdempotencyHttpTest {

    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String DISTRIBUTED = "/v1/stocks/locks/distributed";
    private static final String ONE = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";
    private static final String TWO = "{\"orders\":[{\"productId\":1,\"quantity\":2}]}";

    @Autowired
    FakeLine line;

    @Autowired
    LineAdmission door;

    @Autowired
    FakePublisher publisher;

    @Autowired
    FakeLedger ledger;

    @Autowired
    FakeMemory memory;

    @Autowired
    WaitingRequests waiting;

    @Autowired
    OrderIds orderIds;

    private ApiClient api;
    private final String key = UUID.randomUUID().toString();

    @BeforeEach
    void reset(@LocalServerPort int port) {
        api = new ApiClient(port);
        publisher.published.clear();
        heal();
        decideAll(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));
    }

    @AfterEach
    void heal() {
        line.failure = null;
        line.full = false;
        line.inLine.clear();
        ledger.failure = null;
        ledger.afterRecorded = null;
        memory.failure = null;
        publisher.failure = null;
        publisher.decidedBefore = order -> null;
        door.seen(new LineCounters(1, 0, 0)); // else it might turn away the orders of the next test
    }

    /** As the worker does: into the ledger first. */
    private void decideAll(Outcome outcome) {
        publisher.decide = order -> {
            record(order, outcome);
            return outcome;
        };
    }

    private void record(Order order, Outcome outcome) {
        ledger.lines.put(order.id(), order.lines());
        ledger.decisions.put(order.id(), FakePublisher.decision(order, new Ticket(1), outcome));
    }

    /** Of the first attempt under the key. */
    private UUID orderId() {
        return orderIds.of(new IdempotencyKey(key), 0, 1).get(0);
    }

    /** Redis forgets all requests; a worker finds decided orders in the ledger. */
    private void forget() {
        line.memory.clear();
        publisher.decidedBefore = order -> ledger.decisions.get(order.id());
    }

    private HttpRequest.Builder order(String path, String body) {
        return api.request("PATCH", path, body).header("Idempotency-Key", key);
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void aRepeatedRequestGetsTheFirstOnesOutcomeAndOrdersNothing(String path) throws Exception {
        HttpResponse<String> first = api.send(order(path, ONE));
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();

        decideAll(new Outcome.OutOfStock(List.of(new Shortage(1, 1, 0))));
        HttpResponse<String> again =
                api.send(api.request("PATCH", path, ONE).header("Idempotency-Key", '"' + key + '"'));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
        assertThat(json(again).get("orderId")).isEqualTo(json(first).get("orderId"));
        assertThat(json(again).get("stocks")).isEqualTo(json(first).get("stocks"));
        assertThat(publisher.published).hasSize(1);
    }

    @Test
    void aRefusalForGoodIsReplayedToo() throws Exception {
        decideAll(new Outcome.OutOfStock(List.of(new Shortage(1, 1, 0))));
        assertProblem(api.send(order(FAIR, ONE)), 409, "out-of-stock");
        decideAll(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));
        HttpResponse<String> again = api.send(order(FAIR, ONE));
        assertProblem(again, 409, "out-of-stock");
        assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
    }

    @Test
    void theSameKeyForAnotherOrderIsRefused() throws Exception {
        api.send(order(FAIR, ONE));
        assertProblem(api.send(order(FAIR, TWO)), 422, "key-reused");
        assertProblem(api.send(order(DISTRIBUTED, ONE)), 422, "key-reused");
        assertThat(publisher.published).hasSize(1);
    }

    @Test
    void alsoWhileTheFirstIsUndecided() throws Exception {
        publisher.decide = null;
        CompletableFuture<HttpResponse<String>> first = api.sendAsync(order(FAIR, ONE));
        await().until(() -> publisher.published.size() == 1);
        assertProblem(api.send(order(FAIR, TWO)), 422, "key-reused");
        Order order = publisher.published.get(0);
        waiting.decided(FakePublisher.decision(order, new Ticket(line.tickets.get()), new Outcome.Cancelled()));
        assertProblem(first.get(10, TimeUnit.SECONDS), 410, "cancelled");
    }

    @Test
    void fiftyAtOnceAreOneOrderWithFiftyEqualAnswers() throws Exception {
        publisher.decide = null;
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 50)
                .mapToObj(i -> api.sendAsync(order(DISTRIBUTED, ONE)))
                .toList();
        await().until(() -> waiting.count() == 50);
        assertThat(publisher.published).hasSize(1);
        Order order = publisher.published.get(0);
        waiting.decided(FakePublisher.decision(order, null, new Outcome.Fulfilled(List.of(new StockLevel(1, 3)))));
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(json(answer.join())).isEqualTo(json(answers.get(0).join()));
        }
        assertThat(answers.stream().filter(answer -> answer.join()
                        .headers()
                        .firstValue("Idempotent-Replayed")
                        .isEmpty()))
                .hasSize(1);
    }

    @Test
    void whoFollowsAnOrderThatIsNotAcceptedIsRefusedWithIt() throws Exception {
        publisher.decide = null;
        publisher.failure = new IllegalStateException("expired");
        assertProblem(api.send(order(DISTRIBUTED, ONE)), 503, "unavailable");
        assertThat(waiting.count()).isZero();

        publisher.failure = null;
        decideAll(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));
        HttpResponse<String> again = api.send(order(DISTRIBUTED, ONE));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).get("orderId").stringValue())
                .isEqualTo(publisher.published.get(0).id().toString());
    }

    @Test
    void afterARefusalForTheTimeBeingTheKeyGetsANewAttempt() throws Exception {
        decideAll(new Outcome.Unavailable("busy"));
        for (int attempt = 0; attempt < 10; attempt++) {
            assertProblem(api.send(order(DISTRIBUTED, ONE)), 503, "lock-unavailable");
        }
        assertThat(publisher.published.stream().map(Order::id))
                .doesNotHaveDuplicates()
                .hasSize(10);
        decideAll(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));
        HttpResponse<String> fulfilled = api.send(order(DISTRIBUTED, ONE));
        assertThat(fulfilled.statusCode()).isEqualTo(200);
        assertThat(fulfilled.headers().firstValue("Idempotent-Replayed")).isEmpty();
        assertThat(api.send(order(DISTRIBUTED, ONE)).headers().firstValue("Idempotent-Replayed"))
                .hasValue("true");
        assertThat(publisher.published).hasSize(11);
    }

    @Test
    void aFullLineIsNoOutcome() throws Exception {
        line.failure = new LineFullException(1);
        assertProblem(api.send(order(FAIR, ONE)), 429, "line-full");
        line.failure = null;
        assertThat(api.send(order(FAIR, ONE)).statusCode()).isEqualTo(200);
    }

    @Test
    void whoWasFulfilledIsNotToldSoldOutAtTheDoor() throws Exception {
        line.failure = new SoldOutException(List.of(new Shortage(1, 1, 0)));
        UUID orderId = orderId();
        ledger.decisions.put(
                orderId,
                new Decision(
                        orderId,
                        Mode.FAIR,
                        7L,
                        new Outcome.Fulfilled(List.of(new StockLevel(1, 0))),
                        FakeBackends.DECIDED_AT));
        HttpResponse<String> answer = api.send(order(FAIR, ONE));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Idempotent-Replayed")).hasValue("true");
    }

    @Test
    void soldOutIsNotSaidWhileNobodyCanTellWhatTheKeyWasUsedFor() throws Exception {
        line.failure = new SoldOutException(List.of(new Shortage(1, 1, 0)));
        assertProblem(api.send(order(FAIR, ONE)), 409, "out-of-stock");
        ledger.failure = new QueryTimeoutException("down");
        assertProblem(api.send(order(FAIR, ONE)), 503, "unavailable");
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void anOrderWithANewKeyReadsNoLedger(String path) throws Exception {
        int before = ledger.asked.get();
        assertThat(api.send(order(path, ONE)).statusCode()).isEqualTo(200);
        assertThat(ledger.asked).hasValue(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void whoseKeyIsForgottenGetsTheOutcomeThatAWorkerFinds(String path) throws Exception {
        HttpResponse<String> first = api.send(order(path, ONE));
        forget();
        HttpResponse<String> again = api.send(order(path, ONE));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).get("orderId")).isEqualTo(json(first).get("orderId"));
        assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
        assertThat(publisher.published).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void aForgottenKeyIsHeldToItsFirstOrderByTheLedger(String path) throws Exception {
        assertThat(api.send(order(path, ONE)).statusCode()).isEqualTo(200);
        forget();
        assertProblem(api.send(order(path, TWO)), 422, "key-reused");
    }

    @Test
    void aForgottenKeyThatWasRefusedForTheTimeBeingGetsANewAttempt() throws Exception {
        decideAll(new Outcome.Unavailable("busy"));
        assertProblem(api.send(order(DISTRIBUTED, ONE)), 503, "lock-unavailable");
        decideAll(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));
        forget();
        assertThat(api.send(order(DISTRIBUTED, ONE)).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {FAIR, DISTRIBUTED})
    void aRequestIsRememberedThatGoesInAfterTheLedgerWasAskedAndRedisForgotMeanwhile(String path) throws Exception {
        publisher.failure = new IllegalStateException("expired");
        assertProblem(api.send(order(path, ONE)), 503, "unavailable");
        publisher.failure = null;
        ledger.afterRecorded = line.memory::clear;
        assertThat(api.send(order(path, ONE)).statusCode()).isEqualTo(200);
        assertThat(line.memory).containsKey(orderId());
    }

    @Test
    void whoseOrderStandsInAFullLineIsAnsweredWithItsOutcome() throws Exception {
        line.full = true;
        assertProblem(api.send(order(FAIR, ONE)), 429, "line-full");
        assertThat(line.memory).as("a refused order leaves nothing").doesNotContainKey(orderId());

        line.inLine.put(orderId(), new Ticket(77)); // by another instance
        HttpResponse<String> answer = api.send(order(FAIR, ONE));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Idempotent-Replayed")).hasValue("true");
    }

    @Test
    void aFullLineRefusesWithoutTheLedgerToo() throws Exception {
        line.full = true;
        ledger.failure = new QueryTimeoutException("down");
        assertProblem(api.send(order(FAIR, ONE)), 429, "line-full");
    }

    @Test
    void aTicketThatAnotherRequestDrewStaysWhenThisOneCannotBePublished() throws Exception {
        line.inLine.put(orderId(), new Ticket(77));
        publisher.failure = new IllegalStateException("expired");
        assertProblem(api.send(order(FAIR, ONE)), 503, "unavailable");
        assertThat(line.cancelled).doesNotContain(orderId());
    }

    @Test
    void anOwnTicketLeavesTheLineAndTheKeyMayTryAgain() throws Exception {
        publisher.failure = new IllegalStateException("expired");
        assertProblem(api.send(order(FAIR, ONE)), 503, "unavailable");
        assertThat(line.cancelled).contains(orderId());
        publisher.failure = null;
        assertThat(api.send(order(FAIR, ONE)).statusCode()).isEqualTo(200);
    }

    @Test
    void distributedOrdersAreAcceptedWithoutTheLinesRedis() throws Exception {
        memory.failure = new RedisTimeoutException("down");
        for (int i = 0; i < 2; i++) {
            String other = UUID.randomUUID().toString();
            HttpRequest.Builder request = api.request("PATCH", DISTRIBUTED, ONE).header("Idempotency-Key", other);
            assertThat(api.send(request).statusCode()).isEqualTo(200);
        }
        assertThat(publisher.published).hasSize(2);
    }

    @Test
    void withoutTheLedgerNobodyCanSayWhatBecameOfAKnownKeyAndNothingIsOrdered() throws Exception {
        assertThat(api.send(order(DISTRIBUTED, ONE)).statusCode()).isEqualTo(200);
        ledger.failure = new QueryTimeoutException("down");
        assertProblem(api.send(order(DISTRIBUTED, ONE)), 503, "unavailable");
        assertThat(publisher.published).hasSize(1);
    }

    @Test
    void whatIsNoKeyIsNamed() throws Exception {
        HttpResponse<String> answer = api.send(api.request("PATCH", FAIR, ONE).header("Idempotency-Key", "a b"));
        assertProblem(answer, 400, "invalid-parameter");
        assertThat(answer.body()).contains("Idempotency-Key");
        assertThat(publisher.published).isEmpty();
    }

    @Test
    void anOrderThatWasSetAsideUnreadIsReplayedWhateverItWanted() throws Exception {
        UUID orderId = orderId();
        ledger.lines.put(orderId, List.<OrderLine>of());
        ledger.decisions.put(
                orderId,
                new Decision(orderId, Mode.FAIR, null, new Outcome.Invalid("unreadable"), FakeBackends.DECIDED_AT));
        forget();
        assertProblem(api.send(order(FAIR, ONE)), 422, "invalid-order");
    }
}

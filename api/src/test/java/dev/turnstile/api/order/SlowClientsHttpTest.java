package dev.turnstile.api.order;

import static dev.turnstile.api.order.ApiClient.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.http.RequestBody;
import dev.turnstile.api.order.FakeBackends.FakeLedger;
import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.order.Order;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.Stock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * It was so that the thread which read a request waited for its body: some hundred clients that sent a byte now and
 * then held all threads, and no other client was served.
 */
@HttpTest
class SlowClientsHttpTest {

    private static final String FAIR = "/v1/stocks/locks/fair";
    private static final String BODY = "{\"orders\":[{\"productId\":7,\"quantity\":1}]}";
    private static final String HEAD = "PATCH " + FAIR + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    private static final String WITH_LENGTH = HEAD + "Content-Length: " + BODY.length() + "\r\n\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

    /** Many times the threads. */
    private static final int SLOW = 300;

    private static final int QUICK = 40;

    /** Twice the threads. */
    private static final int NOT_READING = 128;

    /** Requests on one connection: short answers fill a socket, too. */
    private static final int REPEATED = 20;

    @Autowired
    FakeLine line;

    @Autowired
    FakePublisher publisher;

    @Autowired
    FakeLedger ledger;

    @LocalServerPort
    int port;

    private final List<RawHttp> slow = new ArrayList<>();
    private ApiClient api;

    @BeforeEach
    void reset() {
        api = new ApiClient(port);
        line.failure = null;
        publisher.failure = null;
        publisher.published.clear();
        publisher.decide = order -> new Outcome.Fulfilled(List.of());
    }

    @AfterEach
    void disconnect() throws IOException {
        for (RawHttp client : slow) {
            client.close();
        }
        ledger.stocks.clear();
    }

    @Test
    void bodiesThatArriveSlowlyHoldNoThreadAndAreServedInTheEnd() throws Exception {
        for (int i = 0; i < SLOW; i++) {
            connect().send(i % 2 == 0 ? WITH_LENGTH + BODY.substring(0, 10) : CHUNKED + "5\r\n{\"ord\r\n");
        }
        quickOnesAreServed();
        assertThat(publisher.published).hasSize(QUICK);
        for (int i = 0; i < SLOW; i++) { // a further byte is no reason to wait for the next
            slow.get(i).send(i % 2 == 0 ? BODY.substring(10, 11) : "1\r\n");
        }
        quickOnesAreServed();
        for (int i = 0; i < SLOW; i++) {
            String rest = BODY.substring(6);
            slow.get(i)
                    .send(
                            i % 2 == 0
                                    ? BODY.substring(11)
                                    : "e\r\n" + Integer.toHexString(rest.length()) + "\r\n" + rest + "\r\n0\r\n\r\n");
        }
        for (RawHttp client : slow) {
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(publisher.published).hasSize(2 * QUICK + SLOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PATCH /v1/stocks/lo",
                "GET /v1/stocks HTTP/1.1\r\nHost: x\r\nX: y",
                "GET /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1",
                "GET /v1/stocks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                "PUT /v1/stocks/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
                "POST /v1/stocks HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n",
                "POST /error HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=",
                "TRACE / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5",
            })
    void whateverElseIsSentHalfwayHoldsNoThreadEither(String half) throws Exception {
        for (int i = 0; i < SLOW; i++) {
            connect().send(half);
        }
        quickOnesAreServed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/swagger-ui/swagger-ui-bundle.js",
                "/swagger-ui/swagger%2Dui-bundle.js",
                "/page/webjars/chart.js/dist/chart.umd.min.js",
                "/page/webjars/chart.js/dist/chart.umd.min.js?/v1/orders/",
                "/v3/api-docs",
                "/actuator/prometheus",
                "/v1/stocks",
                "/v1/stocks/1",
                "/actuator/health",
                "/nowhere"
            })
    void clientsThatDoNotReadHoldFewThreads(String path) throws Exception {
        doNotRead(path);
        quickOnesAreServed();
    }

    @Test
    void longAnswersAreServedWhenThoseWhoDoNotReadWereGivenUp() throws Exception {
        String file = "/swagger-ui/swagger-ui-bundle.js";
        doNotRead(file);
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> api.send(api.request(file)).body().length() > 1_000_000);
    }

    private void doNotRead(String path) throws IOException {
        for (long product = 1; product <= 1000; product++) {
            ledger.stocks.put(product, new Stock(product, 1_000_000, 1));
        }
        String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
        for (int i = 0; i < NOT_READING; i++) {
            RawHttp client = new RawHttp(port, Duration.ofSeconds(20), 4096);
            slow.add(client);
            client.send(request.repeat(REPEATED));
        }
    }

    @Test
    void bodiesMayArriveInManyPartsUpToTheLimit() throws Exception {
        String longest = " ".repeat(RequestBody.MAX_BYTES - BODY.length()) + BODY;
        RawHttp parts = connect().send(HEAD + "Content-Length: " + longest.length() + "\r\n\r\n");
        for (int at = 0; at < longest.length(); at += 4096) {
            parts.send(longest.substring(at, at + 4096));
        }
        assertThat(parts.read().status()).isEqualTo(200);
        parts.send(WITH_LENGTH).send(BODY); // on the same connection
        assertThat(parts.read().status()).isEqualTo(200);

        assertThat(chunked(longest).statusCode()).isEqualTo(200);
        assertProblem(chunked(longest + " "), 413, "body-too-large");
        assertProblem(api.send(api.request("PATCH", FAIR, longest + " ")), 413, "body-too-large");
        assertThat(publisher.published).hasSize(3);
    }

    @Test
    void whatIsNoChunkIsToldSoAndWhoHangsUpOrdersNothing() throws Exception {
        RawHttp broken = connect().send(CHUNKED + "5\r\n{\"ord\r\nzz\r\n");
        assertThat(broken.read().status()).isEqualTo(400);
        assertThat(broken.read(false)).isEmpty();
        RawHttp gone = connect().send(WITH_LENGTH + BODY.substring(0, 10));
        gone.finish();
        assertThat(gone.read(false).map(RawHttp.Answer::status).orElse(400)).isEqualTo(400);
        quickOnesAreServed();
        assertThat(publisher.published).hasSize(QUICK);
    }

    /** Once in some hundred times such a request was closed without an answer, and ordered all the same. */
    @Test
    void whoSaysThatNothingMoreComesIsAnswered() throws Exception {
        for (int i = 0; i < 300; i++) {
            RawHttp client =
                    connect().send(i % 2 == 0 ? CHUNKED + "29\r\n" + BODY + "\r\n0\r\n\r\n" : WITH_LENGTH + BODY);
            client.finish();
            assertThat(client.read(false)).as("request %d", i).hasValueSatisfying(answer -> assertThat(answer.status())
                    .as(answer.toString())
                    .isEqualTo(200));
            client.close();
        }
    }

    @Test
    void whoAsksBeforeSendingTooMuchIsToldNotTo() throws Exception {
        RawHttp asks = connect().send(HEAD + "Expect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
        assertThat(asks.read().status()).isEqualTo(413);
    }

    @Test
    void aSlowBodyLosesItsTurnAndNothingElse() throws Exception {
        RawHttp late = connect().send(WITH_LENGTH);
        RawHttp early = connect().send(WITH_LENGTH + BODY.replace('7', '8'));
        assertThat(early.read().status()).isEqualTo(200);
        late.send(BODY);
        assertThat(late.read().status()).isEqualTo(200);
        assertThat(publisher.published)
                .extracting(Order::lines)
                .extracting(lines -> lines.get(0).productId())
                .containsExactly(8L, 7L);
    }

    private RawHttp connect() throws IOException {
        RawHttp client = new RawHttp(port, Duration.ofSeconds(20));
        slow.add(client);
        return client;
    }

    private void quickOnesAreServed() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < QUICK; i++) {
            answers.add(api.sendAsync(api.request("PATCH", FAIR, BODY)));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(4, TimeUnit.SECONDS).statusCode()) // before any limit would free a thread
                    .isEqualTo(200);
        }
    }

    private HttpResponse<String> chunked(String body) throws Exception {
        return api.send(api.request(FAIR)
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8)))));
    }
}

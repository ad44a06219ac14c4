package dev.turnstile.local.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CrowdTest {

    private static final List<OrderLine> LINES = List.of(new OrderLine(1, 1), new OrderLine(2, 1));
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final UUID ORDER = new UUID(7, 9);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<HttpServer> servers = new ArrayList<>();

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }

    @Test
    void everySecondUserOfEachInstanceSendsAKeyOfItsOwn() throws Exception {
        List<Queue<String>> keys = List.of(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());
        List<URI> apis = new ArrayList<>();
        for (Queue<String> ofApi : keys) {
            apis.add(serve(exchange -> {
                ofApi.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
                answer(exchange, 200, "{}");
            }));
        }
        try (Crowd crowd = new Crowd(apis)) {
            crowd.release(40, Duration.ZERO, LONG, Mode.FAIR, LINES, Keys.HALF);
        }
        assertThat(keys).allSatisfy(ofApi -> {
            List<String> sent =
                    ofApi.stream().filter(key -> !key.equals("null")).toList();
            assertThat(sent).hasSize(10).doesNotHaveDuplicates();
            assertThat(ofApi).hasSize(20);
        });
    }

    @Test
    void everyUserAsksOnceInTurnAndWhatTheAnswerSaysIsKept() throws Exception {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        Queue<String> requests = new ConcurrentLinkedQueue<>();
        URI fulfilling = serve(exchange -> {
            first.incrementAndGet();
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer(exchange, 200, "{\"orderId\":\"" + ORDER + "\",\"status\":\"FULFILLED\",\"ticket\":1099511627777}");
        });
        URI refusing = serve(exchange -> {
            second.incrementAndGet();
            answer(exchange, 409, "{\"type\":\"https://turnstile.example/problems/out-of-stock\"}");
        });

        try (Crowd crowd = new Crowd(List.of(fulfilling, refusing))) {
            List<Answer> answers = crowd.release(101, Duration.ZERO, LONG, Mode.FAIR, LINES, Keys.NONE);

            assertThat(answers).hasSize(101);
            assertThat(first).hasValue(51);
            assertThat(second).hasValue(50);
            assertThat(answers).extracting(Answer::user).isSorted().doesNotHaveDuplicates();
            assertThat(answers).extracting(Answer::sentNanos).isSorted();
            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.api()).isEqualTo(answer.user() % 2);
                assertThat(answer.told()).isEqualTo(answer.api() == 0 ? Told.FULFILLED : Told.REFUSED);
                assertThat(answer.orderId()).isEqualTo(answer.api() == 0 ? ORDER : null);
                assertThat(answer.ticket()).isEqualTo(answer.api() == 0 ? 1099511627777L : null);
                assertThat(answer.answeredNanos()).isGreaterThan(answer.sentNanos());
            });
            assertThat(requests)
                    .containsOnly("PATCH /v1/stocks/locks/fair "
                            + "{\"orders\":[{\"productId\":1,\"quantity\":1},{\"productId\":2,\"quantity\":1}]}");
        }
    }

    @Test
    void userWithoutAnswerIsReportedWhenPatienceEnds() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        URI api = serve(exchange -> {
            if (asked.incrementAndGet() != 3) {
                answer(exchange, 202, "{\"orderId\":\"" + ORDER + "\",\"status\":\"WAITING\"}");
            }
        });

        try (Crowd crowd = new Crowd(List.of(api))) {
            List<Answer> answers =
                    crowd.release(5, Duration.ZERO, Duration.ofSeconds(2), Mode.DISTRIBUTED, LINES, Keys.NONE);

            assertThat(answers).hasSize(5);
            assertThat(answers)
                    .filteredOn(answer -> answer.told() == Told.WAITING)
                    .hasSize(4);
            assertThat(answers)
                    .filteredOn(answer -> answer.told() == Told.NOTHING)
                    .singleElement()
                    .satisfies(answer -> {
                        assertThat(answer.answeredNanos()).isNull();
                        assertThat(answer.problem()).isEqualTo("no answer within 2000 ms");
                    });
        }
    }

    @Test
    void atLeastTheGapLiesBetweenOneUserAndTheNext() throws Exception {
        URI api = serve(exchange -> answer(exchange, 200, "{}"));
        Duration gap = Duration.ofMillis(3);

        try (Crowd crowd = new Crowd(List.of(api))) {
            List<Answer> answers = crowd.release(50, gap, LONG, Mode.FAIR, LINES, Keys.NONE);

            for (int user = 1; user < 50; user++) {
                assertThat(answers.get(user).sentNanos() - answers.get(user - 1).sentNanos())
                        .isGreaterThanOrEqualTo(gap.toNanos());
            }
        }
    }

    @Test
    void connectionsAreKeptFromOneCrowdToTheNext() throws Exception {
        Queue<InetSocketAddress> clients = new ConcurrentLinkedQueue<>();
        URI api = serve(exchange -> {
            clients.add(exchange.getRemoteAddress());
            answer(exchange, 200, "{}");
        });

        try (Crowd crowd = new Crowd(List.of(api))) {
            crowd.release(20, Duration.ZERO, LONG, Mode.FAIR, LINES, Keys.NONE);
            crowd.release(20, Duration.ZERO, LONG, Mode.DISTRIBUTED, LINES, Keys.NONE);
        }

        assertThat(clients).hasSize(40);
        assertThat(new HashSet<>(clients)).hasSize(20);
    }

    @Test
    void brokenAnswersAndDeadServersAreRecorded() throws Exception {
        URI garbled = serve(exchange -> answer(exchange, 503, "<html>"));

        try (Crowd crowd = new Crowd(List.of(garbled, unusedAddress()))) {
            List<Answer> answers = crowd.release(2, Duration.ZERO, LONG, Mode.FAIR, LINES, Keys.NONE);

            assertThat(answers).extracting(Answer::told).containsExactly(Told.ERROR, Told.NOTHING);
            assertThat(answers.get(0).httpStatus()).isEqualTo(503);
            assertThat(answers.get(1).problem()).contains("ConnectException");
        }
    }

    @Test
    void aCrowdNeedsAnApi() {
        assertThatThrownBy(() -> new Crowd(List.of()).close()).isInstanceOf(IllegalArgumentException.class);
    }

    private URI serve(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
        server.createContext("/", handler);
        server.setExecutor(threads);
        server.start();
        servers.add(server);
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static URI unusedAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}

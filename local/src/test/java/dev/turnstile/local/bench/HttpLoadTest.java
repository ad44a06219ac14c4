package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.OrderLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpLoadTest {

    private static final Duration STALL = Duration.ofMillis(300);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;
    private URI api;
    private HttpLoad load;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        api = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        load = over(new Connections(List.of(api)));
    }

    private HttpLoad over(Connections connections) {
        return new HttpLoad(connections, OrderRequests.order(api, "/orders", List.of(new OrderLine(1, 1))));
    }

    @AfterEach
    void stop() {
        load.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void usersOfAClosedLoopAskAgainUntilTheTimeIsOver() throws Exception {
        answering(exchange -> 200);
        HttpLoad.Outcome outcome = load.closed(3, Duration.ofMillis(300));
        assertThat(outcome.failed()).isZero();
        assertThat(outcome.latency().getTotalCount()).isEqualTo(asked.get()).isGreaterThan(10);
        assertThat(outcome.perSecond()).isPositive();
    }

    @Test
    void aStallIsCountedWithEveryRequestThatWasDueMeanwhile() throws Exception {
        Object door = new Object();
        answering(exchange -> {
            synchronized (door) { // one after the other
                if (asked.get() == 20) {
                    LockSupport.parkNanos(STALL.toNanos());
                }
            }
            return 200;
        });
        HttpLoad.Outcome outcome = load.open(200, Duration.ofSeconds(1));
        assertThat(outcome.latency().getTotalCount()).isEqualTo(200);
        // of the 60 requests that are due in the stall, half wait longer than half of it
        assertThat(outcome.latency().getCountBetweenValues(STALL.dividedBy(2).toNanos() / 1_000, Long.MAX_VALUE / 2))
                .isGreaterThan(20);
    }

    @Test
    void requestsBeyondTheMostConnectionsWaitForOneAndAllAreAnswered() throws Exception {
        Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
        answering(exchange -> {
            clients.add(exchange.getRemoteAddress());
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            return 200;
        });
        try (HttpLoad narrow = over(new Connections(List.of(api), 2))) {
            HttpLoad.Outcome outcome = narrow.open(200, Duration.ofMillis(200)); // twice as many as two can carry
            assertThat(outcome.latency().getTotalCount()).isEqualTo(40);
            assertThat(outcome.failed()).isZero();
            assertThat(clients).hasSize(2);
        }
    }

    @Test
    void requestsThatWaitForAConnectionGetTheNextOneWhenOneIsClosed() throws Exception {
        answering(exchange -> {
            exchange.getResponseHeaders().add("Connection", "close");
            return 200;
        });
        try (HttpLoad narrow = over(new Connections(List.of(api), 1))) {
            HttpLoad.Outcome outcome = narrow.open(1_000, Duration.ofMillis(20));
            assertThat(outcome.latency().getTotalCount()).isEqualTo(20);
        }
    }

    @Test
    void whatIsNotAnsweredWith200IsCountedAsFailed() throws Exception {
        answering(exchange -> asked.get() % 2 == 0 ? 503 : 200);
        HttpLoad.Outcome outcome = load.open(100, Duration.ofMillis(200));
        assertThat(outcome.failed()).isEqualTo(10);
        assertThat(outcome.latency().getTotalCount()).isEqualTo(10);
    }

    @FunctionalInterface
    private interface Answer {
        int status(HttpExchange exchange);
    }

    private void answering(Answer answer) {
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            asked.incrementAndGet();
            exchange.sendResponseHeaders(answer.status(exchange), 2);
            exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
    }
}

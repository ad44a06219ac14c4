package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import dev.turnstile.order.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The limits of what a client may cost, set so short that a test can wait for them. */
class ClientLimitsTest {

    private static final String HEAD =
            "PATCH /v1/stocks/locks/fair HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

    private static ConfigurableApplicationContext application;
    private static int port;

    @BeforeAll
    static void start() {
        application = new SpringApplicationBuilder(FakeBackends.class)
                .run(
                        "--server.port=0",
                        "--springdoc.api-docs.enabled=false",
                        "--turnstile.http.head-timeout=1s",
                        "--turnstile.http.body-timeout=1s",
                        "--turnstile.http.body-memory=128KB");
        port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        application.getBean(FakePublisher.class).decide = order -> new Outcome.Fulfilled(List.of());
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @Test
    void aBodyThatDoesNotEndIsAnswered408HoweverOftenAByteComes() throws Exception {
        double late = answered("body-timeout");
        try (RawHttp client = connect().send(HEAD + "Content-Length: 100\r\n\r\n")) {
            Thread sender = new Thread(() -> {
                while (client.send(new byte[] {' '})) {
                    sleep(100);
                }
            });
            sender.start();
            Answer answer = client.read();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.body()).contains("\"/problems/body-timeout\"").contains("1000 ms");
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.header("Connection")).isEqualTo("close");
            sender.join();
        }
        await().untilAsserted(
                        () -> assertThat(answered("body-timeout")).as("counted").isEqualTo(late + 1));
    }

    private static double answered(String outcome) {
        return application
                .getBean(MeterRegistry.class)
                .find("turnstile.orders.answered")
                .tags("mode", "fair", "outcome", outcome)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void aHeadThatDoesNotEndIsClosedHoweverOftenAByteComes() throws Exception {
        try (RawHttp client = connect().send("GET /v1/stocks HTTP/1.1\r\nHost: x\r\nX: ")) {
            while (client.send(new byte[] {'y'})) {
                sleep(100);
            }
        }
    }

    @Test
    void aConnectionThatIsIdleOrWaitsForItsOutcomeIsNoSlowHead() throws Exception {
        try (RawHttp client = connect()) {
            client.send("GET /v1/stocks HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(200);
            sleep(2500); // two looks and more: there is nothing to be seen
            application.getBean(FakePublisher.class).decide = null;
            String order = "{\"orders\":[{\"productId\":7,\"quantity\":1}]}";
            client.send(HEAD + "Prefer: wait=3\r\nContent-Length: " + order.length() + "\r\n\r\n" + order);
            assertThat(client.read().status()).isEqualTo(202);
        } finally {
            application.getBean(FakePublisher.class).decide = order -> new Outcome.Fulfilled(List.of());
        }
    }

    @Test
    void longBodiesShareABoundedMemoryAndShortOnesNeedNoneOfIt() throws Exception {
        double before = answered("body-timeout") + answered("unavailable");
        try (RawHttp first = sendWithoutItsLastByte();
                RawHttp second = sendWithoutItsLastByte()) {
            assertThat(List.of(first.read().status(), second.read().status()))
                    .as("there is memory for two")
                    .containsExactly(408, 408);
        }
        try (RawHttp first = sendWithoutItsLastByte();
                RawHttp second = sendWithoutItsLastByte();
                RawHttp third = sendWithoutItsLastByte()) {
            String order = "{\"orders\":[{\"productId\":7,\"quantity\":1}]}";
            try (RawHttp quick = connect().send(HEAD + "Content-Length: " + order.length() + "\r\n\r\n")) {
                quick.send(order);
                assertThat(quick.read().status()).isEqualTo(200);
            }
            assertThat(List.of(
                            first.read().status(),
                            second.read().status(),
                            third.read().status()))
                    .as("not for three: where they grow side by side, two may meet the end of it")
                    .contains(408, 503)
                    .containsOnly(408, 503);
        }
        await().untilAsserted(() -> assertThat(answered("body-timeout") + answered("unavailable"))
                .as("each is counted, when its client has the answer already")
                .isGreaterThanOrEqualTo(before + 5));
        String order = " ".repeat(59_000) + "{\"orders\":[{\"productId\":7,\"quantity\":1}]}";
        try (RawHttp after = connect().send(HEAD + "Content-Length: " + order.length() + "\r\n\r\n" + order)) {
            assertThat(after.read().status()).as("taken memory is released").isEqualTo(200);
        }
    }

    private static RawHttp sendWithoutItsLastByte() throws IOException {
        return connect().send(HEAD + "Content-Length: 60000\r\n\r\n" + " ".repeat(59_999));
    }

    private static RawHttp connect() throws IOException {
        return new RawHttp(port, Duration.ofSeconds(20));
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

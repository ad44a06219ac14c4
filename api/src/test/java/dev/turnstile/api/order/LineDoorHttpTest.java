package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.api.order.FakeBackends.FakePublisher;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import dev.turnstile.line.LineFullException;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A full line that is believed for longer than this test takes. */
class LineDoorHttpTest {

    private static final String BODY = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";
    private static final String ORDER =
            "PATCH /v1/stocks/locks/fair HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + "Content-Length: "
                    + BODY.length() + "\r\n";

    @Test
    void theLineIsAskedForTheFirstAloneAndConnectionsStayOpen() throws Exception {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(FakeBackends.class)
                .run(
                        "--server.port=0",
                        "--springdoc.api-docs.enabled=false",
                        "--turnstile.api.line-full-believed-for=1m")) {
            FakeLine line = application.getBean(FakeLine.class);
            application.getBean(FakePublisher.class).decide = order -> new Outcome.Fulfilled(List.of());
            int port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            line.failure = new LineFullException(7);
            try (RawHttp client = new RawHttp(port, Duration.ofSeconds(20))) {
                Answer asked = client.send(ORDER + "\r\n" + BODY).read();
                line.failure = null;
                assertThat(asked.status()).isEqualTo(429);
                for (int i = 0; i < 3; i++) {
                    Answer turnedAway = client.send(ORDER + "\r\n" + BODY).read();
                    assertThat(turnedAway.status()).isEqualTo(429);
                    assertThat(turnedAway.body()).isEqualTo(asked.body()).contains("7 orders");
                    assertThat(turnedAway.header("Retry-After")).isEqualTo(asked.header("Retry-After"));
                    assertThat(turnedAway.header("Content-Type")).isEqualTo(asked.header("Content-Type"));
                }
                Answer keyed = client.send(ORDER + "Idempotency-Key: \"k\"\r\n\r\n" + BODY)
                        .read();
                assertThat(keyed.status()).as(keyed.body()).isEqualTo(200);
            }
        }
    }
}

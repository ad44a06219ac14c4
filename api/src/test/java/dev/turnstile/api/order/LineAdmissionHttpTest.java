package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakeLine;
import dev.turnstile.fuzz.RawHttp;
import dev.turnstile.fuzz.RawHttp.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A line of its own, as it has to stall for a while. */
class LineAdmissionHttpTest {

    private static final String BODY = "{\"orders\":[{\"productId\":1,\"quantity\":1}]}";
    private static final String ORDER =
            "PATCH /v1/stocks/locks/fair HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                    + BODY.length() + "\r\n\r\n";
    private static final int TURNED_AWAY = 10;
    private static final int MOST_TRIES = 1000;

    @Test
    void whoIsTurnedAwayUnaskedGetsTheSameAnswerAndKeepsTheConnection() throws Exception {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(FakeBackends.class)
                .run("--server.port=0", "--springdoc.api-docs.enabled=false")) {
            FakeLine line = application.getBean(FakeLine.class);
            int port = application.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            line.full = true;
            Answer asked = send(port, 1).get(0);
            int turnedAway = 0;
            for (int tries = 0; turnedAway < TURNED_AWAY && tries < MOST_TRIES; tries++) {
                int before = line.asked.get();
                List<Answer> answers = send(port, TURNED_AWAY);
                turnedAway += TURNED_AWAY - (line.asked.get() - before);
                for (Answer answer : answers) {
                    assertThat(answer.status()).isEqualTo(429);
                    assertThat(answer.body()).isEqualTo(asked.body()).contains("7 orders");
                    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                }
            }
            assertThat(turnedAway).as("the longer it stands, the fewer ask").isGreaterThanOrEqualTo(TURNED_AWAY);
        }
    }

    /** Sends orders one after the other on one connection. */
    private static List<Answer> send(int port, int count) throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (RawHttp client = new RawHttp(port, Duration.ofSeconds(20))) {
            for (int i = 0; i < count; i++) {
                answers.add(client.send(ORDER + BODY).read());
            }
        }
        return answers;
    }
}

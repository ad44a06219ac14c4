package dev.turnstile.local.bench.classic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The answers are those of Turnstile's API. */
class ReplyTest {

    private static final UUID ID = new UUID(7, 9);

    private static Reply of(Outcome outcome) {
        return Reply.of(new Decision(ID, Mode.FAIR, null, outcome, Instant.EPOCH));
    }

    private static JsonNode json(Reply reply) {
        return JsonMapper.shared().valueToTree(reply.body());
    }

    @Test
    void fulfilledTellsWhatIsLeft() {
        Reply reply = of(new Outcome.Fulfilled(List.of(new StockLevel(1, 89))));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.contentType()).isEqualTo("application/json");
        assertThat(json(reply).toString())
                .isEqualTo("{\"orderId\":\"%s\",\"mode\":\"fair\",\"status\":\"FULFILLED\",".formatted(ID)
                        + "\"stocks\":[{\"productId\":1,\"quantity\":89}]}");
    }

    @Test
    void outOfStockIsAProblemWithItsShortages() {
        Reply reply = of(new Outcome.OutOfStock(List.of(new Shortage(2, 3, 1))));

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.contentType()).isEqualTo("application/problem+json");
        assertThat(json(reply).path("type").stringValue()).isEqualTo("/problems/out-of-stock");
        assertThat(json(reply).path("status").intValue()).isEqualTo(409);
        assertThat(json(reply).path("orderId").stringValue()).isEqualTo(ID.toString());
        assertThat(json(reply).path("shortages").toString())
                .isEqualTo("[{\"productId\":2,\"requested\":3,\"available\":1}]");
    }

    @Test
    void whatWasNotWonIsAProblemThatMayBeTriedAgain() {
        Reply reply = of(new Outcome.Unavailable("the lock was not won in 10000 ms"));

        assertThat(reply.status()).isEqualTo(503);
        assertThat(json(reply).path("type").stringValue()).isEqualTo("/problems/lock-unavailable");
        assertThat(json(reply).path("detail").stringValue()).isEqualTo("the lock was not won in 10000 ms");
    }

    @Test
    void unknownProductsAreNamed() {
        Reply reply = of(new Outcome.UnknownProduct(List.of(5L)));

        assertThat(reply.status()).isEqualTo(404);
        assertThat(json(reply).path("productIds").toString()).isEqualTo("[5]");
    }
}

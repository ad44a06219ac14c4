package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.order.OrderJson.UnreadableMessageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderJsonTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final Instant NOW = Instant.parse("2026-11-22T10:26:32.123456Z");

    @Test
    void anOrderComesBackAsItWas() throws UnreadableMessageException {
        Order order = new Order(
                ID,
                Mode.FAIR,
                List.of(new OrderLine(1, 2), new OrderLine(7, 1)),
                NOW,
                new ReplyAddress("orders.replies", 3),
                "run-1");
        assertThat(OrderJson.readOrder(OrderJson.write(order))).isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-26T06:00:00Z",
                "2026-11-26T06:00:00.1Z",
                "2026-11-26T06:00:00.123456789Z",
                "1969-12-31T23:59:59.999999999Z",
                "+12026-11-26T06:00:00Z",
                "2026-11-26T24:00:00Z",
                "2016-12-31T23:59:60Z",
                "2026-11-26T06:00:00+02:00"
            })
    void anInstantIsReadAsJavaReadsIt(String instant) throws UnreadableMessageException {
        Order order = new Order(ID, Mode.FAIR, List.of(new OrderLine(1, 2)), NOW, null, null);
        String json = new String(OrderJson.write(order), StandardCharsets.UTF_8).replace(NOW.toString(), instant);
        assertThat(OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)).acceptedAt())
                .isEqualTo(Instant.parse(instant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"2026-11-26T06:00\"", "\"2026-13-26T06:00:00Z\"", "\"soon\"", "null", "{}"})
    void whatIsNoInstantMakesAnOrderUnreadable(String instant) {
        Order order = new Order(ID, Mode.FAIR, List.of(new OrderLine(1, 2)), NOW, null, null);
        String json = new String(OrderJson.write(order), StandardCharsets.UTF_8).replace("\"" + NOW + "\"", instant);
        assertThatThrownBy(() -> OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class);
    }

    @Test
    void anOrderIsTracedOrSaysNothingOfIt() throws UnreadableMessageException {
        Order order = new Order(ID, Mode.FAIR, List.of(new OrderLine(1, 2)), NOW, null, null);
        assertThat(new String(OrderJson.write(order), StandardCharsets.UTF_8)).doesNotContain("trace");
        Order traced = order.traced("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assertThat(OrderJson.readOrder(OrderJson.write(traced))).isEqualTo(traced);
        assertThat(order.traced("by someone who does it in another way")).isEqualTo(order);
    }

    @Test
    void everyOutcomeComesBackAsItWas() throws UnreadableMessageException {
        List<Outcome> outcomes = List.of(
                new Outcome.Fulfilled(List.of(new StockLevel(1, 89))),
                new Outcome.OutOfStock(List.of(new Shortage(1, 2, 1))),
                new Outcome.UnknownProduct(List.of(99L)),
                new Outcome.Cancelled(),
                new Outcome.Unavailable("the lock was not won in time"),
                new Outcome.Invalid("no JSON"));
        assertThat(outcomes.stream().map(Object::getClass))
                .as("all there are")
                .containsExactlyInAnyOrder(Outcome.class.getPermittedSubclasses());
        for (Outcome outcome : outcomes) {
            Decision decision = new Decision(ID, Mode.DISTRIBUTED, null, outcome, NOW);
            assertThat(OrderJson.readDecision(OrderJson.write(decision))).isEqualTo(decision);
            assertThat(OrderJson.readOutcome(OrderJson.write(outcome))).isEqualTo(outcome);
            assertThat(OrderJson.write(outcome)).contains("\"status\":\"" + outcome.status() + "\"");
        }
    }

    @Test
    void fieldsOfALaterBuildArePassedOver() throws UnreadableMessageException {
        String json = "{\"v\":1,\"later\":true,\"order\":{\"id\":\"" + ID + "\",\"mode\":\"fair\",\"lines\":"
                + "[{\"productId\":1,\"quantity\":1,\"colour\":\"red\"}],\"acceptedAt\":\"" + NOW + "\",\"gift\":1}}";
        assertThat(OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)).productIds())
                .containsExactly(1L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "{}",
                "{\"v\":1}",
                "{\"v\":2,\"order\":{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}}",
                "{\"v\":1,\"order\":{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}}",
                "{\"v\":1,\"order\":{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"mode\":\"fair\",\"lines\":[],"
                        + "\"acceptedAt\":\"2026-11-22T10:26:32Z\"}}",
                "{\"v\":1,\"order\":{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"mode\":\"fair\",\"lines\":"
                        + "[{\"productId\":1,\"quantity\":-1}],\"acceptedAt\":\"2026-11-22T10:26:32Z\"}}",
                "{\"v\":1,\"order\":{\"mode\":\"fair\",\"lines\":[{\"productId\":1,\"quantity\":1}]}}"
            })
    void whatIsNoOrderIsSaidToBeUnreadable(String json) {
        assertThatThrownBy(() -> OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class);
    }
}

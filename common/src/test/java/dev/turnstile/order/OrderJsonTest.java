package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.order.OrderJson.Sender;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
                "1970-01-01T00:00:00Z",
                "2199-12-31T23:59:59.999999999Z",
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
    @ValueSource(
            strings = {
                "\"\"",
                "\"2026-11-26T06:00\"",
                "\"2026-13-26T06:00:00Z\"",
                "\"soon\"",
                "null",
                "{}",
                "\"1969-12-31T23:59:59.999999999Z\"",
                "\"2200-01-01T00:00:00Z\"",
                "\"+12026-11-26T06:00:00Z\"",
                "1764547200",
                "1764547200000",
                "\"1764547200000\"",
                "1764547200.5",
                "true"
            })
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
                new Outcome.Unavailable("the lock was not acquired in time"),
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

    /** Right but for one part. */
    private static String with(String part, String instead) {
        Order order = new Order(
                ID, Mode.FAIR, List.of(new OrderLine(1, 2)), NOW, new ReplyAddress("orders.replies", 3), "run-1");
        String json = new String(OrderJson.write(order), StandardCharsets.UTF_8);
        assertThat(json).contains(part);
        return json.replace(part, instead);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"quantity\":2 | \"quantity\":1.9",
                "\"quantity\":2 | \"quantity\":2.0",
                "\"quantity\":2 | \"quantity\":\"3\"",
                "\"quantity\":2 | \"quantity\":2e0",
                "\"quantity\":2 | \"quantity\":true",
                "\"quantity\":2 | \"quantity\":null",
                "\"quantity\":2 | \"quantity\":[2]",
                "\"quantity\":2 | \"quantity\":02",
                "\"quantity\":2 | \"quantity\":2147483648",
                "\"quantity\":2 | \"quantity\":500001",
                "\"quantity\":2 | \"quantity\":0",
                "\"quantity\":2 | \"quantity\":-1",
                "\"quantity\":2 | \"quantity\":2,\"quantity\":2",
                ",\"quantity\":2 | ``",
                "\"productId\":1 | \"productId\":\"1\"",
                "\"productId\":1 | \"productId\":1.0",
                "\"productId\":1 | \"productId\":0",
                "\"productId\":1 | \"productId\":-1",
                "\"productId\":1 | \"productId\":9007199254740992",
                "\"productId\":1 | \"productId\":99999999999999999999",
                "\"productId\":1, | ``",
                "\"partition\":3 | \"partition\":\"3\"",
                "\"partition\":3 | \"partition\":-1",
                "\"partition\":3 | \"partition\":null",
                ",\"partition\":3 | ``",
                "\"orders.replies\" | 5",
                "\"orders.replies\" | null",
                "\"orders.replies\" | \"\"",
                "\"orders.replies\" | \"a b\"",
                "\"orders.replies\" | \"..\"",
                "\"orders.replies\" | \"orders.fair\"",
                "\"orders.replies\" | \"orders.fair.open\"",
                "\"orders.replies\" | \"orders.distributed\"",
                "\"orders.replies\" | \"orders.distributed.dlt\"",
                "\"orders.replies\" | \"orders.installation\"",
                "\"orders.replies\" | \"__consumer_offsets\"",
                "\"fair\" | 1",
                "\"fair\" | \"FAIR\"",
                "\"fair\" | \"\"",
                "\"fair\" | null",
                "\"run-1\" | 5",
                "\"run-1\" | true",
                "\"run-1\" | \"\"",
                "\"run-1\" | \"a b\"",
                "\"run-1\" | \"\\ud800\"",
                "\"run-1\" | \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
                "\"2026-11-22T10:26:32.123456Z\" | 1764547200000",
                "\"2026-11-22T10:26:32.123456Z\" | 1764547200.123",
                "\"2026-11-22T10:26:32.123456Z\" | \"1764547200000\"",
                "\"2026-11-22T10:26:32.123456Z\" | \"+57000-01-01T00:00:00Z\"",
                "\"2026-11-22T10:26:32.123456Z\" | \"\"",
                "\"2026-11-22T10:26:32.123456Z\" | null",
                "\"01890a5d-ac96-774b-bcce-b302099a8057\" | \"AYkKXayWd0u8zrMCCZqAVw==\"",
                "\"01890a5d-ac96-774b-bcce-b302099a8057\" | \"1-1-1-1-1\"",
                "\"01890a5d-ac96-774b-bcce-b302099a8057\" | 1",
                "\"01890a5d-ac96-774b-bcce-b302099a8057\" | null",
                "[{\"productId\":1,\"quantity\":2}] | [null]",
                "[{\"productId\":1,\"quantity\":2}] | [[]]",
                "[{\"productId\":1,\"quantity\":2}] | {\"productId\":1,\"quantity\":2}",
                "\"v\":1 | \"v\":\"1\"",
                "\"v\":1 | \"v\":1.0",
                "\"v\":1 | \"v\":true",
                "\"v\":1 | \"v\":0",
                "\"v\":1 | \"v\":-1",
                "\"v\":1 | \"v\":1,\"v\":1",
                "\"v\":1, | ``",
                "}} | }}x",
                "}} | }}{}",
            })
    void nothingIsGuessedOrRepaired(String part, String instead) {
        String json = with(part, instead);
        assertThatThrownBy(() -> OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class)
                .hasMessageNotContainingAny("coerc", "tools.jackson", "DeserializationFeature");
    }

    @Test
    void whatIsNotUtf8IsNoOrder() {
        String json = with("\"run-1\"", "\"run-\u00e9\"");
        assertThatThrownBy(() -> OrderJson.readOrder(json.getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(UnreadableMessageException.class);
        assertThatThrownBy(() -> OrderJson.readOrder(with("1", "1").getBytes(StandardCharsets.UTF_16)))
                .isInstanceOf(UnreadableMessageException.class);
        assertThatThrownBy(() -> OrderJson.readOrder(null)).isInstanceOf(UnreadableMessageException.class);
        assertThatThrownBy(() -> OrderJson.readOrder("null".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class);
        assertThatThrownBy(() -> OrderJson.readOrder("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class);
    }

    @Test
    void anOrderHasAsManyLinesAndPiecesAsARequest() throws UnreadableMessageException {
        String line = "{\"productId\":9007199254740991,\"quantity\":10000}";
        String most = String.join(",", Collections.nCopies(50, line));
        String json = with("{\"productId\":1,\"quantity\":2}", most);
        assertThat(OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)).lines())
                .containsExactly(new OrderLine(OrderLine.MAX_PRODUCT_ID, 500_000));
        for (String beyond : List.of(most + "," + line, most.replace("10000", "10001"), "")) {
            String refused = with("{\"productId\":1,\"quantity\":2}", beyond);
            assertThatThrownBy(() -> OrderJson.readOrder(refused.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(UnreadableMessageException.class);
        }
    }

    @Test
    void aMessageOfANewerVersionIsSaidToBeOneWhateverItHolds() {
        for (String json : List.of(
                with("\"v\":1", "\"v\":99"),
                "{\"v\":99}",
                "{\"v\":99,\"order\":[]}",
                "{\"v\":99,\"order\":{\"id\":1,\"lines\":{}}}")) {
            assertThatThrownBy(() -> OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)))
                    .hasMessage("version 99 is newer than this worker reads (1)");
        }
    }

    @Test
    void theSenderOfWhatIsNoOrderIsReadAsFarAsItCanBe() {
        ReplyAddress replyTo = new ReplyAddress("orders.replies", 3);
        assertThat(sender(with("\"quantity\":2", "\"quantity\":1.9"))).isEqualTo(new Sender(ID, replyTo));
        assertThat(sender(with("\"orders.replies\"", "\"orders.fair\""))).isEqualTo(new Sender(ID, null));
        assertThat(sender(with("\"" + ID + "\"", "7"))).isEqualTo(new Sender(null, replyTo));
        for (String none : List.of("", "null", "[]", "{}", "{\"order\":7}", "{\"order\":null}", "{\"v\":1,")) {
            assertThat(sender(none)).as(none).isEqualTo(new Sender(null, null));
        }
        String twice = with("{\"id\":", "{\"id\":\"" + UUID.randomUUID() + "\",\"id\":");
        assertThat(sender(twice)).isEqualTo(new Sender(null, null));
        assertThat(OrderJson.readSender(null)).isEqualTo(new Sender(null, null));
    }

    private static Sender sender(String json) {
        return OrderJson.readSender(json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{\"v\":1,\"decision\":null}",
                "{\"status\":\"FULFILLED\"}",
                "{\"status\":\"FULFILLED\",\"stocks\":[null]}",
                "{\"status\":\"OUT_OF_STOCK\",\"shortages\":null}",
                "{\"status\":\"INVALID\"}",
                "{\"status\":\"INVALID\",\"reason\":5}",
                "{\"status\":\"SOLD\"}",
                "{}"
            })
    void aDecisionThatLacksAPartIsUnreadable(String outcome) {
        String json = outcome.startsWith("{\"s") || outcome.equals("{}")
                ? "{\"v\":1,\"decision\":{\"orderId\":\"" + ID + "\",\"mode\":\"fair\",\"ticket\":1,\"outcome\":"
                        + outcome + ",\"decidedAt\":\"" + NOW + "\"}}"
                : outcome;
        assertThatThrownBy(() -> OrderJson.readDecision(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableMessageException.class);
    }
}

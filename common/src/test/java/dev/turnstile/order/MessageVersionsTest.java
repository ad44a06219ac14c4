package dev.turnstile.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.OrderJson.UnreadableMessageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Processes of the release before this one and of this one run together while a system is brought up to date. The files
 * under {@code messages/v<version>} are messages as they were released. They are never changed: a message that looks
 * otherwise gets a file of its own.
 */
class MessageVersionsTest {

    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
    private static final long TICKET = 1099511627777L;
    private static final OrderLine TWO_OF_1 = new OrderLine(1, 2);

    /** What each file means. */
    private static final Map<String, Object> MEANINGS = Map.of(
            "v1/order-fair.json",
            new Order(
                    ID,
                    Mode.FAIR,
                    List.of(TWO_OF_1, new OrderLine(7, 1)),
                    Instant.parse("2026-11-22T10:26:32.123456Z"),
                    new ReplyAddress("orders.replies", 3),
                    null),
            "v1/order-distributed-of-a-replay.json",
            new Order(
                    ID,
                    Mode.DISTRIBUTED,
                    List.of(TWO_OF_1),
                    Instant.parse("2026-11-22T10:26:32Z"),
                    new ReplyAddress("orders.replies.replay", 0),
                    "replay-20261124T170623Z-814108"),
            "v1/order-that-nobody-waits-for.json",
            new Order(ID, Mode.FAIR, List.of(TWO_OF_1), Instant.parse("2026-11-22T10:26:32.123Z"), null, null),
            "v1/decision-fulfilled.json",
            decision(Mode.FAIR, TICKET, new Outcome.Fulfilled(List.of(new StockLevel(1, 89)))),
            "v1/decision-out-of-stock.json",
            decision(Mode.DISTRIBUTED, null, new Outcome.OutOfStock(List.of(new Shortage(1, 2, 1)))),
            "v1/decision-unknown-product.json",
            decision(Mode.FAIR, TICKET, new Outcome.UnknownProduct(List.of(99L))),
            "v1/decision-cancelled.json",
            decision(Mode.FAIR, TICKET, new Outcome.Cancelled()),
            "v1/decision-unavailable.json",
            decision(Mode.DISTRIBUTED, null, new Outcome.Unavailable("the lock was not won in time")),
            "v1/decision-invalid.json",
            decision(Mode.FAIR, null, new Outcome.Invalid("no JSON")));

    private static Decision decision(Mode mode, @Nullable Long ticket, Outcome outcome) {
        return new Decision(ID, mode, ticket, outcome, Instant.parse("2026-11-22T10:26:32.131Z"));
    }

    private static Object meaning(String file) {
        return Objects.requireNonNull(MEANINGS.get(file), file);
    }

    static Stream<String> files() {
        return MEANINGS.keySet().stream().sorted();
    }

    @Test
    void noReleasedMessageIsForgotten() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(MessageVersionsTest.class.getResource("/messages"))
                .toURI());
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> folder.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(MEANINGS.keySet());
        }
        assertThat(OrderJson.LATEST_READ)
                .as("what the next release may write")
                .isBetween(OrderJson.VERSION, OrderJson.VERSION + 1);
    }

    /** An earlier process writes, this build reads. */
    @ParameterizedTest
    @MethodSource("files")
    void whatAnEarlierReleaseWroteIsRead(String file) throws IOException {
        assertThat(read(file, released(file))).isEqualTo(meaning(file));
    }

    /**
     * This build writes, an earlier one reads: it finds the version that it knows, and all that it knows as it knows
     * it. Unknown parts are ignored, as the next test shows of this build.
     */
    @ParameterizedTest
    @MethodSource("files")
    void whatIsWrittenHoldsAllThatAnEarlierReleaseReads(String file) throws IOException {
        JsonNode written = JsonMapper.shared().readTree(written(meaning(file)));
        assertHolds(JsonMapper.shared().readTree(released(file)), written, file);
    }

    /** The next build writes, this one reads. */
    @ParameterizedTest
    @MethodSource("files")
    void whatTheNextReleaseAddsIsPassedOver(String file) throws IOException {
        JsonNode message = JsonMapper.shared().readTree(released(file));
        addEverywhere(message);
        assertThat(message.toString()).contains("\"later\":");
        assertThat(read(file, message.toString().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(meaning(file));
    }

    private static byte[] released(String file) throws IOException {
        try (InputStream in = MessageVersionsTest.class.getResourceAsStream("/messages/" + file)) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static Object read(String file, byte[] json) throws UnreadableMessageException {
        return file.contains("/order-") ? OrderJson.readOrder(json) : OrderJson.readDecision(json);
    }

    private static byte[] written(Object meaning) {
        return meaning instanceof Order order ? OrderJson.write(order) : OrderJson.write((Decision) meaning);
    }

    private static void assertHolds(JsonNode released, JsonNode written, String where) {
        if (released instanceof ObjectNode fields) {
            fields.propertyStream()
                    .forEach(field ->
                            assertHolds(field.getValue(), written.path(field.getKey()), where + " " + field.getKey()));
        } else if (released instanceof ArrayNode elements) {
            assertThat(written.size()).as(where).isEqualTo(elements.size());
            for (int i = 0; i < elements.size(); i++) {
                assertHolds(elements.get(i), written.path(i), where + " " + i);
            }
        } else {
            assertThat(written).as(where).isEqualTo(released);
        }
    }

    private static void addEverywhere(JsonNode node) {
        node.valueStream().forEach(MessageVersionsTest::addEverywhere);
        if (node instanceof ObjectNode fields) {
            fields.putObject("later").put("gift", true);
        }
    }
}

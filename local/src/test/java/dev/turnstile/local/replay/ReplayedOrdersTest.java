package dev.turnstile.local.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayedOrdersTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:26:32Z");
    private static final ReplyAddress REPLY_TO = new ReplyAddress(OrderTopics.REPLAY_REPLIES, 0);

    @Test
    void anOrderIsANewOneWithTheSameLines() throws Exception {
        TopicOrder recorded = recorded(Mode.FAIR, "3");
        ReplayedOrders orders = orders(null);
        Order order = orders.order(recorded, NOW);
        ProducerRecord<String, byte[]> record = orders.record(recorded, order);

        assertThat(order.lines()).isEqualTo(recorded.order().lines());
        assertThat(order.id()).isNotEqualTo(recorded.order().id());
        assertThat(order.id().version()).isEqualTo(7);
        assertThat(order.acceptedAt()).isEqualTo(NOW);
        assertThat(order.replayRun()).isEqualTo("run-1");
        assertThat(OrderJson.readOrder(record.value())).isEqualTo(order);
        assertThat(record.topic()).isEqualTo(OrderTopics.FAIR_OPEN);
        assertThat(Arrays.stream(record.headers().toArray())
                        .collect(Collectors.toMap(header -> header.key(), header -> new String(header.value(), UTF_8))))
                .isEqualTo(Map.of(
                        "order-id", order.id().toString(),
                        "correlation-id", order.id().toString(),
                        "reply-topic", "orders.replies.replay",
                        "reply-partition", "0",
                        "replay-run", "run-1"));
    }

    @Test
    void theKeyFollowsTheRuleOfTheRecordedOne() {
        UUID id = UUID.randomUUID();
        assertThat(key(null, recorded(id, Mode.FAIR, "3"))).as("by product").isEqualTo("3");
        assertThat(key(null, recorded(id, Mode.FAIR, "shop-7")))
                .as("by whatever")
                .isEqualTo("shop-7");
        assertThat(key(null, recorded(id, Mode.FAIR, id.toString())))
                .as("by order")
                .isEqualTo("new id");
        assertThat(key(null, recorded(id, Mode.FAIR, null))).as("without").isEqualTo("3");
        assertThat(key(null, recorded(id, Mode.DISTRIBUTED, id.toString()))).isEqualTo("new id");
        assertThat(key(OrderTopics.DISTRIBUTED, recorded(id, Mode.FAIR, "3"))).isEqualTo("new id");
        assertThat(key(OrderTopics.FAIR_OPEN, recorded(id, Mode.DISTRIBUTED, id.toString())))
                .isEqualTo("3");
    }

    @Test
    void aTargetSetsTheModeOfAllOrders() {
        Order order = orders(OrderTopics.DISTRIBUTED).order(recorded(Mode.FAIR, "3"), NOW);
        assertThat(order.mode()).isEqualTo(Mode.DISTRIBUTED);
        order = orders(null).order(recorded(Mode.DISTRIBUTED, "3"), NOW);
        assertThat(order.mode()).isEqualTo(Mode.DISTRIBUTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders.fair", "orders.replies", "orders.fair.open.dlt", "elsewhere", ""})
    void refusesOtherTargets(String topic) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(topic))
                .withMessageContaining("orders.fair.open or orders.distributed, was " + topic);
    }

    @Test
    void refusesWhatIsNoRange() {
        Instant later = NOW.plusSeconds(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(later, NOW, null, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(NOW, NOW, null, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(null, null, 5L, 5L, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(null, null, -1L, null, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(null, null, null, 0L, null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReplayRange(NOW, null, 5L, null, null))
                .withMessageContaining("can't be combined");
        assertThatIllegalArgumentException().isThrownBy(() -> new ReplayRange(null, null, null, null, -1));
    }

    private static String key(@Nullable String target, TopicOrder recorded) {
        ReplayedOrders orders = orders(target);
        Order order = orders.order(recorded, NOW);
        String key = orders.record(recorded, order).key();
        return key.equals(order.id().toString()) ? "new id" : key;
    }

    private static ReplayedOrders orders(@Nullable String target) {
        return new ReplayedOrders(plan(target), "run-1", REPLY_TO);
    }

    private static ReplayPlan plan(@Nullable String target) {
        return new ReplayPlan(
                "orders.fair", ReplayRange.ALL, false, Speed.MAX, null, null, target, Duration.ofSeconds(1));
    }

    private static TopicOrder recorded(Mode mode, String key) {
        return recorded(UUID.randomUUID(), mode, key);
    }

    private static TopicOrder recorded(UUID id, Mode mode, @Nullable String key) {
        Order order = new Order(
                id,
                mode,
                List.of(new OrderLine(3, 1), new OrderLine(8, 2)),
                Instant.EPOCH,
                new ReplyAddress(OrderTopics.REPLIES, 4),
                null);
        return new TopicOrder(order, 1000, key);
    }
}

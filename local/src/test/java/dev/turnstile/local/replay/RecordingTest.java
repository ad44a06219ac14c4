package dev.turnstile.local.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.anyMap;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.spy;

import dev.turnstile.local.project.UserError;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordingTest {

    private static final TopicPartition P0 = new TopicPartition("orders.fair", 0);
    private static final TopicPartition P1 = new TopicPartition("orders.fair", 1);

    private final MockConsumer<String, byte[]> consumer = spy(new MockConsumer<>(AutoOffsetResetStrategy.NONE.name()));

    @BeforeEach
    void makeTopic() {
        consumer.updatePartitions(
                "orders.fair",
                Stream.of(P0, P1)
                        .map(partition -> new PartitionInfo(
                                partition.topic(), partition.partition(), null, new Node[0], new Node[0]))
                        .toList());
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
    }

    @Test
    void mergesPartitionsByTimeAndKeepsTheOrderWithinEach() {
        Recording recording = recording(ReplayRange.ALL, 3, 2);
        add(P0, 0, 100, order(1));
        add(P0, 1, 90, order(2)); // an older time behind a newer one
        add(P0, 2, 120, order(3));
        add(P1, 0, 95, order(4));
        add(P1, 1, 130, order(5));
        assertThat(productsOf(recording)).containsExactly(4L, 1L, 2L, 3L, 5L);
        assertThat(recording.size()).isEqualTo(5);
    }

    @Test
    void endsWhereTheTopicEndedWhenItWasOpened() {
        Recording recording = recording(ReplayRange.ALL, 1, 0);
        add(P0, 0, 100, order(1));
        add(P0, 1, 101, order(2));
        assertThat(productsOf(recording)).containsExactly(1L);
    }

    @Test
    void readsTheOffsetsAndThePartitionThatWereAskedFor() {
        Recording recording = recording(new ReplayRange(null, null, 1L, 3L, 0), 9, 9);
        for (int i = 0; i < 5; i++) {
            add(P0, i, 100 + i, order(1 + i));
        }
        assertThat(productsOf(recording)).containsExactly(2L, 3L);
        assertThat(recording.size()).isEqualTo(2);
    }

    @Test
    void skipsAndCountsWhatHoldsNoOrder() {
        Recording recording = recording(ReplayRange.ALL, 4, 0);
        add(P0, 0, 100, "no json".getBytes(UTF_8));
        add(P0, 1, 101, null);
        add(P0, 2, 102, order(1));
        add(P0, 3, 103, "{\"v\":99}".getBytes(UTF_8));
        assertThat(productsOf(recording)).containsExactly(1L);
        assertThat(recording.passed().read()).isEqualTo(4);
        assertThat(recording.passed().unreadable()).isEqualTo(3);
        assertThat(recording.passed().firstUnreadable()).startsWith("partition 0 offset 0: not readable");
    }

    /**
     * A recording of many years can't be replayed at its own pace; and by such times nothing else would come to its
     * turn.
     */
    @Test
    void skipsAndCountsWhatWasNeverSentByItsTime() {
        Recording recording = recording(ReplayRange.ALL, 4, 1);
        add(P0, 0, Long.MAX_VALUE, order(1));
        add(P0, 1, -1, order(2));
        add(P0, 2, Instant.now().plus(Duration.ofDays(2)).toEpochMilli(), order(3));
        add(P0, 3, 100, order(4));
        add(P1, 0, 0, order(5));
        assertThat(productsOf(recording)).containsExactly(5L, 4L);
        assertThat(recording.passed().unreadable()).isEqualTo(3);
        assertThat(recording.passed().firstUnreadable()).contains("offset 0", "time");
    }

    /**
     * Kafka finds a time by the first record that says a later one, which a producer with a wrong clock wrote before
     * the range.
     */
    @Test
    void readsWhatWasSentInTheTimeThatWasAskedForWhateverTheTimesOfOthers() {
        Map<TopicPartition, OffsetAndTimestamp> found =
                Map.of(P0, new OffsetAndTimestamp(0, 900), P1, new OffsetAndTimestamp(0, 150));
        doReturn(found).when(consumer).offsetsForTimes(anyMap());
        consumer.updateEndOffsets(Map.of(P0, 5L, P1, 1L));
        Recording recording = new Recording(
                consumer,
                "orders.fair",
                new ReplayRange(Instant.ofEpochMilli(100), Instant.ofEpochMilli(200), null, null, null),
                false);
        add(P0, 0, 900, order(1));
        add(P0, 1, 90, order(2));
        add(P0, 2, 100, order(3));
        add(P0, 3, 200, order(4));
        add(P0, 4, 199, order(5));
        add(P1, 0, 150, order(6));
        assertThat(productsOf(recording)).containsExactly(3L, 6L, 5L);
        assertThat(recording.passed().withoutRecord()).isZero();
    }

    @Test
    void leavesOutWhatEarlierReplaysSentUnlessAskedForIt() {
        byte[] replayed = OrderJson.write(
                new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(7, 1)), Instant.EPOCH, null, "replay-1"));
        Recording recording = recording(ReplayRange.ALL, 2, 0);
        add(P0, 0, 100, replayed);
        add(P0, 1, 101, order(1));
        assertThat(productsOf(recording)).containsExactly(1L);
        assertThat(recording.passed().ofReplays()).isEqualTo(1);

        Recording all = new Recording(consumer, "orders.fair", ReplayRange.ALL, true);
        add(P0, 0, 100, replayed);
        add(P0, 1, 101, order(1));
        assertThat(productsOf(all)).containsExactly(7L, 1L);
    }

    @Test
    void passesOverOffsetsWithoutARecordAndCountsThem() {
        Recording recording = recording(ReplayRange.ALL, 10, 1);
        add(P0, 2, 100, order(1));
        add(P1, 0, 110, order(2));
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> consumer.seek(P0, 10)); // as a fetch of nothing but markers does
        assertThat(recording.next()).extracting(TopicOrder::timestampMs).isEqualTo(100L);
        assertThat(recording.passed().withoutRecord()).isEqualTo(2);
        assertThat(productsOf(recording)).containsExactly(2L);
        assertThat(recording.next()).isNull();
        assertThat(recording.passed().withoutRecord()).isEqualTo(9);
        assertThat(recording.passed().read()).isEqualTo(2);
    }

    /** One partition is slow: the records held of the other meanwhile are bounded. */
    @Test
    void holdsABoundedNumberOfRecords() {
        Recording recording = recording(ReplayRange.ALL, 30_000, 1);
        consumer.setMaxPollRecords(4_000);
        for (int i = 0; i < 30_000; i++) {
            add(P0, i, 100 + i, order(1));
        }
        List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            consumer.schedulePollTask(() -> positions.add(consumer.position(P0)));
        }
        consumer.schedulePollTask(() -> add(P1, 0, 50, order(2)));
        assertThat(recording.next()).extracting(TopicOrder::timestampMs).isEqualTo(50L);
        assertThat(positions).last().isEqualTo(12_000L);
        assertThat(productsOf(recording)).hasSize(30_000);
    }

    @Test
    void nothingToReplayIsOneLine() {
        assertThatThrownBy(() -> recording(ReplayRange.ALL, 0, 0))
                .isInstanceOf(UserError.class)
                .hasMessage("nothing to replay: orders.fair is empty");
        assertThatThrownBy(() -> recording(new ReplayRange(null, null, null, null, 7), 1, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("--partition: orders.fair has 2 partitions, numbered from 0, and no 7");
    }

    private Recording recording(ReplayRange range, long end0, long end1) {
        consumer.updateEndOffsets(Map.of(P0, end0, P1, end1));
        return new Recording(consumer, "orders.fair", range, false);
    }

    private void add(TopicPartition partition, long offset, long timestamp, byte @Nullable [] value) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                "key",
                value,
                new RecordHeaders(),
                Optional.empty()));
    }

    private static byte[] order(long productId) {
        return OrderJson.write(new Order(
                UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(productId, 1)), Instant.EPOCH, null, null));
    }

    private static List<Long> productsOf(Recording recording) {
        List<Long> products = new ArrayList<>();
        for (TopicOrder next = recording.next(); next != null; next = recording.next()) {
            products.add(next.order().productIds().get(0));
        }
        return products;
    }
}

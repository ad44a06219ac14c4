package dev.turnstile.local.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which orders a record may be expected to have given an outcome; see "What is refused" in docs/protocol.md. */
class PublishedTest {

    private static final String OURS = UUID.randomUUID().toString();

    private final Order order =
            new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.ofEpochSecond(1), null, null);
    private final byte[] right = OrderJson.write(order);
    private final byte[] wrong = new String(right, UTF_8)
            .replace("\"quantity\":1", "\"quantity\":-1")
            .getBytes(UTF_8);

    private static Published of(byte @Nullable [] value, @Nullable Object... orderIds) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(OrderTopics.FAIR_OPEN, 0, 0, null, value);
        for (Object id : orderIds) {
            record.headers()
                    .add(
                            OrderTopics.HEADER_ORDER_ID,
                            id == null ? null : id.toString().getBytes(UTF_8));
        }
        return Published.of(record, OURS);
    }

    @Test
    void aRecordThatNamesTwoOrdersSpeaksForNone() {
        assertThat(of(right, UUID.randomUUID(), order.id()).ids()).isEmpty();
        assertThat(of(right, order.id(), UUID.randomUUID()).ids()).isEmpty();
        assertThat(of(wrong, UUID.randomUUID()).ids())
                .as("one that can't be read")
                .isEmpty();
        assertThat(of(null, UUID.randomUUID(), UUID.randomUUID()).ids()).isEmpty();
    }

    @Test
    void whatIsNoIdNamesNone() {
        assertThat(of(null, "1-1-1-1-1").ids()).isEmpty();
        assertThat(of(null, "").ids()).isEmpty();
        assertThat(of(right, "1-1-1-1-1").ids()).containsExactly(order.id());
    }

    @Test
    void headersWithoutAValueAndRepetitionsSayNothingElse() {
        assertThat(of(right, null, order.id(), order.id()).ids()).containsExactly(order.id());
        assertThat(of(wrong, order.id(), null).namedId()).isEqualTo(order.id());
        assertThat(of("junk".getBytes(UTF_8)).ids()).isEmpty();
    }
}

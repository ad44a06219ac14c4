package dev.turnstile.local.dlt;

import dev.turnstile.order.OrderTopics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A dead-lettered record.
 *
 * @param place where it is
 * @param time when it was dead-lettered, by the clock of the worker
 * @param orderId the order that its headers name, or null
 * @param reason why it was dead-lettered
 * @param from where it had come from
 * @param key of the record, or null
 * @param value of the record, or null; as it was
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DeadLetter(
        LetterPosition place,
        Instant time,
        @Nullable UUID orderId,
        String reason,
        String from,
        @Nullable String key,
        byte @Nullable [] value) {

    private static final String HEADER_REASON = "dlt-reason";
    private static final String HEADER_PARTITION = "dlt-partition";
    private static final String HEADER_OFFSET = "dlt-offset";

    static DeadLetter of(ConsumerRecord<String, byte[]> record) {
        String topic = record.topic();
        String origin = topic.endsWith(OrderTopics.DEAD_LETTER_SUFFIX)
                ? topic.substring(0, topic.length() - OrderTopics.DEAD_LETTER_SUFFIX.length())
                : topic;
        return new DeadLetter(
                new LetterPosition(topic, record.partition(), record.offset()),
                Instant.ofEpochMilli(record.timestamp()),
                header(record, OrderTopics.HEADER_ORDER_ID)
                        .flatMap(OrderTopics::orderId)
                        .orElse(null),
                header(record, HEADER_REASON).orElse("it has none"),
                origin + "/" + header(record, HEADER_PARTITION).orElse("?") + "/"
                        + header(record, HEADER_OFFSET).orElse("?"),
                record.key(),
                record.value());
    }

    private static Optional<String> header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }
}

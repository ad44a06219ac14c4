package dev.turnstile.worker.reply;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.stock.Ledger;
import dev.turnstile.trace.TraceParent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Sets aside records that can never be processed: each goes to the dead-letter topic with the reason, its order is
 * recorded as invalid, and whoever waits for it is answered.
 */
@Component
public class DeadLetters {

    /** Header of a dead letter that says why it is one. */
    public static final String HEADER_REASON = "dlt-reason";
    /** Header of a dead letter with the partition it came from. */
    public static final String HEADER_PARTITION = "dlt-partition";
    /** Header of a dead letter with the offset it came from. */
    public static final String HEADER_OFFSET = "dlt-offset";

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private final KafkaTemplate<String, byte[]> kafka;
    private final Ledger ledger;
    private final Replies replies;
    private final Map<String, Counter> letters;

    DeadLetters(KafkaTemplate<String, byte[]> kafka, Ledger ledger, Replies replies, MeterRegistry registry) {
        this.kafka = kafka;
        this.ledger = ledger;
        this.replies = replies;
        this.letters = Stream.of(OrderTopics.FAIR, OrderTopics.FAIR_OPEN, OrderTopics.DISTRIBUTED)
                .collect(Collectors.toUnmodifiableMap(topic -> topic, topic -> Counter.builder("turnstile.dead.letters")
                        .description("Records that were set aside for good")
                        .tag("topic", topic)
                        .register(registry)));
    }

    /**
     * Sets a record aside. Blocks until it is safe in the dead-letter topic and the ledger.
     *
     * @return the order's id, if the record's headers tell it
     * @throws RuntimeException if Kafka or the ledger can't take it now; the record is still to be dealt with then
     */
    public Optional<UUID> setAside(ConsumerRecord<String, byte[]> record, String reason) {
        Optional<UUID> orderId = text(record, OrderTopics.HEADER_ORDER_ID).flatMap(DeadLetters::uuid);
        LoggingEventBuilder line = orderId.map(id -> OrderLog.about(log.atWarn(), id, ticket(record)))
                .orElseGet(log::atWarn);
        line.log(
                "record {} of partition {}-{} is set aside: {}",
                record.offset(),
                record.topic(),
                record.partition(),
                reason);
        ProducerRecord<String, byte[]> letter = new ProducerRecord<>(
                record.topic() + OrderTopics.DEAD_LETTER_SUFFIX, null, record.key(), record.value(), record.headers());
        letter.headers()
                .add(HEADER_REASON, bytes(reason))
                .add(HEADER_PARTITION, bytes(Integer.toString(record.partition())))
                .add(HEADER_OFFSET, bytes(Long.toString(record.offset())));
        keep(letter, record);
        orderId.ifPresent(id -> {
            Mode mode = record.topic().equals(OrderTopics.DISTRIBUTED) ? Mode.DISTRIBUTED : Mode.FAIR;
            Decision decision = ledger.setAside(id, mode, ticket(record), new Outcome.Invalid(reason));
            replies.send(decision, replyAddress(record), traceParent(record)).join();
        });
        Counter counter = letters.get(record.topic());
        if (counter != null) {
            counter.increment();
        }
        return orderId;
    }

    private void keep(ProducerRecord<String, byte[]> letter, ConsumerRecord<String, byte[]> record) {
        try {
            kafka.send(letter).join();
        } catch (KafkaException | CompletionException e) {
            if (!(NestedExceptionUtils.getMostSpecificCause(e) instanceof RecordTooLargeException)) {
                throw e;
            }
            // with the headers of a letter it is larger than the broker takes; no retry can help
            log.error(
                    "record {} of partition {}-{} is too large for {}: it is where it was, and nowhere else",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    letter.topic());
        }
    }

    private static @Nullable Long ticket(ConsumerRecord<String, byte[]> record) {
        return text(record, OrderTopics.HEADER_TICKET)
                .filter(digits -> digits.matches("\\d{1,16}"))
                .map(Long::valueOf)
                .orElse(null);
    }

    private static @Nullable String traceParent(ConsumerRecord<String, byte[]> record) {
        return TraceParent.sampledOrNull(text(record, TraceParent.HEADER).orElse(null));
    }

    private static @Nullable ReplyAddress replyAddress(ConsumerRecord<String, byte[]> record) {
        Optional<String> topic = text(record, OrderTopics.HEADER_REPLY_TOPIC);
        Optional<String> partition =
                text(record, OrderTopics.HEADER_REPLY_PARTITION).filter(digits -> digits.matches("\\d{1,9}"));
        return topic.isPresent() && partition.isPresent()
                ? new ReplyAddress(topic.get(), Integer.parseInt(partition.get()))
                : null;
    }

    private static Optional<String> text(ConsumerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

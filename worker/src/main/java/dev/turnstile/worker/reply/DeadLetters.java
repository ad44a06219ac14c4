package dev.turnstile.worker.reply;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.stock.Ledger;
import dev.turnstile.trace.TraceParent;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OrderRecords;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Dead-letters records that can never be processed: each goes to the dead-letter topic with the reason, its order is
 * recorded as invalid, and the waiting request is answered.
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

    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");
    private static final Pattern PARTITION = Pattern.compile("[0-9]{1,9}");

    /** What of a reason is kept: it may quote what is in the record, which may be anything. */
    private static final int LONGEST_REASON = 400;

    private final OrderRecords records;
    private final KafkaTemplate<String, byte[]> kafka;
    private final Ledger ledger;
    private final TicketLine line;
    private final List<InFlightOrders<?>> kept;
    private final ReplySender replies;
    private final Map<String, Counter> letters;

    /**
     * Creates the box of a worker.
     *
     * @param kept all orders that this worker keeps
     */
    DeadLetters(
            OrderRecords records,
            KafkaTemplate<String, byte[]> kafka,
            Ledger ledger,
            TicketLine line,
            List<InFlightOrders<?>> kept,
            ReplySender replies,
            MeterRegistry registry) {
        this.records = records;
        this.kafka = kafka;
        this.line = line;
        this.kept = kept;
        this.ledger = ledger;
        this.replies = replies;
        this.letters = OrderTopics.OF_ORDERS.stream()
                .collect(Collectors.toUnmodifiableMap(topic -> topic, topic -> Counter.builder("turnstile.dead.letters")
                        .description("Records that were dead-lettered")
                        .tag("topic", topic)
                        .register(registry)));
    }

    /**
     * Sets a record aside. Blocks until it is safe in the dead-letter topic and the ledger.
     *
     * @return the order that was recorded as invalid for it; nothing if the record does not say which it is, names one
     *     of which another record is on its way to a decision, or is read once more where such a one would be
     * @throws RuntimeException if Kafka, the ledger or the line can't be asked now; the record is still to be dealt
     *     with then
     */
    public Optional<UUID> setAside(ConsumerRecord<String, byte[]> record, String anyReason) {
        String reason = printable(anyReason);
        Optional<Ticket> ticket = records.ticket(record);
        Long number = ticket.map(Ticket::number).orElse(null);
        Optional<UUID> orderId =
                records.orderId(record).filter(id -> !isOnItsWay(id, ticket, OrderRecords.mode(record)));
        if (OrderRecords.mode(record) == Mode.DISTRIBUTED && orderId.isPresent() && isSentHome(orderId.get(), record)) {
            return Optional.empty();
        }
        LoggingEventBuilder line =
                orderId.map(id -> OrderLog.about(log.atWarn(), id, number)).orElseGet(log::atWarn);
        line.log(
                "record {} of partition {}-{} is dead-lettered: {}",
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
            Decision decision = ledger.setAside(id, OrderRecords.mode(record), number, new Outcome.Invalid(reason));
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
            if (!isTooLarge(e)) {
                throw e;
            }
            // with the headers of a letter it is larger than the broker takes; no retry can help
            log.error(
                    "record {} of partition {}-{} is too large for {}: only the original record remains",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    letter.topic());
        }
    }

    /** Whether a record was not sent because a topic takes none of its size: no retry can help. */
    public static boolean isTooLarge(Throwable failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure) instanceof RecordTooLargeException;
    }

    /**
     * Sends an unreadable record of a distributed order to the partition where that order's own record is, unless it is
     * there already. Read behind it, it decides nothing: the order is kept or decided then. Read anywhere else, it
     * might go before it.
     *
     * @return whether it is read once more, there
     */
    private boolean isSentHome(UUID orderId, ConsumerRecord<String, byte[]> record) {
        int partitions = kafka.partitionsFor(record.topic()).size();
        int home = Utils.toPositive(Utils.murmur2(bytes(orderId.toString()))) % partitions;
        if (home == record.partition()) {
            return false;
        }
        try {
            kafka.send(new ProducerRecord<>(record.topic(), home, record.key(), record.value(), record.headers()))
                    .join();
            return true;
        } catch (KafkaException | CompletionException e) {
            if (!isTooLarge(e)) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Whether another record of an order was read: that one decides, and this one may be from any producer. A record
     * that brings the ticket at which the order stands is its own.
     */
    private boolean isOnItsWay(UUID orderId, Optional<Ticket> ticket, Mode mode) {
        if (kept.stream().anyMatch(orders -> orders.order(orderId).isPresent())) {
            return true;
        }
        try {
            return line.standing(orderId)
                    .toCompletableFuture()
                    .join()
                    .filter(standing -> !ticket.equals(Optional.of(standing.ticket())))
                    .isPresent();
        } catch (CompletionException e) {
            boolean ofAnotherVersion = e.getCause() instanceof IllegalStateException; // as this record is then
            if (ofAnotherVersion || mode == Mode.DISTRIBUTED) { // which does not need the line
                return false;
            }
            throw e;
        }
    }

    private static String printable(String reason) {
        String start = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "...";
        return UNPRINTABLE.matcher(start).replaceAll("?");
    }

    private static @Nullable String traceParent(ConsumerRecord<String, byte[]> record) {
        return TraceParent.sampledOrNull(
                OrderRecords.text(record, TraceParent.HEADER).orElse(null));
    }

    /** By its headers, or else by its value, if that says so much. */
    private static @Nullable ReplyAddress replyAddress(ConsumerRecord<String, byte[]> record) {
        Optional<String> topic = OrderRecords.text(record, OrderTopics.HEADER_REPLY_TOPIC);
        Optional<String> partition = OrderRecords.text(record, OrderTopics.HEADER_REPLY_PARTITION)
                .filter(digits -> PARTITION.matcher(digits).matches());
        if (topic.isEmpty() || partition.isEmpty()) {
            return OrderJson.readSender(record.value()).replyTo();
        }
        try {
            return new ReplyAddress(topic.get(), Integer.parseInt(partition.get()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

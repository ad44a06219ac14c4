package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Evidence.Published;
import dev.turnstile.local.project.UserError;
import dev.turnstile.order.OrderTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads the topic of fair orders from its beginning. */
final class FairRecords {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(100);

    private FairRecords() {}

    /**
     * All records that name an order and a ticket; those of a partition in their order.
     *
     * @param bootstrapServers the broker, {@code host:port}
     * @throws UserError if they can't be read
     */
    static List<Published> of(String bootstrapServers) {
        List<Published> published = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "enable.auto.commit", false, "fetch.max.wait.ms", 50),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(OrderTopics.FAIR).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Set<TopicPartition> unread = new HashSet<>(partitions);
            long start = System.nanoTime();
            while (true) {
                unread.removeIf(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
                if (unread.isEmpty()) {
                    return published;
                }
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new UserError("could not read " + OrderTopics.FAIR + " to its end within " + PATIENCE);
                }
                consumer.poll(POLL).forEach(record -> read(record).ifPresent(published::add));
            }
        } catch (KafkaException e) {
            throw new UserError("can't read " + OrderTopics.FAIR + ": " + e.getMessage(), e);
        }
    }

    private static Optional<Published> read(ConsumerRecord<byte[], byte[]> record) {
        String orderId = header(record, OrderTopics.HEADER_ORDER_ID);
        String ticket = header(record, OrderTopics.HEADER_TICKET);
        try {
            return orderId == null || ticket == null
                    ? Optional.empty()
                    : Optional.of(new Published(record.partition(), UUID.fromString(orderId), Long.parseLong(ticket)));
        } catch (IllegalArgumentException e) { // another program's
            return Optional.empty();
        }
    }

    private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}

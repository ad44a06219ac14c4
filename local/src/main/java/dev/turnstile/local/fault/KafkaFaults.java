package dev.turnstile.local.fault;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records that come again. Safe for use by any thread. */
public final class KafkaFaults implements AutoCloseable {

    /** The most records that are published again at once. */
    public static final int MOST_DUPLICATES = 10_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String bootstrapServers;
    private final Admin admin;

    /** Faults of the broker at this address, {@code host:port}. */
    public KafkaFaults(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /**
     * Sets what a consumer group has committed back, so that it gets records again which it had done with. The rule:
     * all its members must have left, as the workers of a stopped system have. The coordinator lets no other client
     * move the offsets of a group that is consuming; and it would be of no effect, for its members commit their own
     * positions again.
     *
     * @param records how many of each partition, or all if it has fewer
     * @return how many records will be delivered again
     * @throws IllegalStateException if the group has members
     */
    public long rewind(String group, String topic, int records) {
        GroupState state = result(admin.describeConsumerGroups(List.of(group)).all())
                .values()
                .iterator()
                .next()
                .groupState();
        if (state != GroupState.EMPTY) {
            throw new IllegalStateException(
                    "group " + group + " is " + state + ": stop its members before its offsets are set back");
        }
        Map<TopicPartition, OffsetAndMetadata> committed =
                new HashMap<>(result(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
        committed.keySet().removeIf(partition -> !partition.topic().equals(topic));
        Map<TopicPartition, Long> begins = offsets(committed.keySet(), OffsetSpec.earliest());
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        long again = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> each : committed.entrySet()) {
            long position = each.getValue().offset();
            long earlier = Math.max(begins.getOrDefault(each.getKey(), 0L), position - records);
            again += position - earlier;
            positions.put(each.getKey(), new OffsetAndMetadata(earlier));
        }
        result(admin.alterConsumerGroupOffsets(group, positions).all());
        return again;
    }

    /**
     * Publishes the last committed records of a topic again as they are, each to its partition: the same key, value,
     * headers and timestamp. Records of aborted transactions stay out: published again, they would be orders like any
     * other.
     *
     * @param records at most {@link #MOST_DUPLICATES}
     * @return how many there were
     */
    public int duplicate(String topic, int records) {
        if (records < 1 || records > MOST_DUPLICATES) {
            throw new IllegalArgumentException(
                    "1 to " + MOST_DUPLICATES + " records are published again at once, not " + records);
        }
        List<ConsumerRecord<byte[], byte[]>> last = last(topic, records);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : last) {
                sent.add(producer.send(new ProducerRecord<>(
                        topic,
                        record.partition(),
                        record.timestamp(),
                        record.key(),
                        record.value(),
                        record.headers())));
            }
            producer.flush();
            sent.forEach(KafkaFaults::result);
        }
        return last.size();
    }

    /** The last records by their timestamps; those of a partition in their order. */
    private List<ConsumerRecord<byte[], byte[]>> last(String topic, int count) {
        List<TopicPartition> partitions = result(
                        admin.describeTopics(List.of(topic)).allTopicNames())
                .values()
                .stream()
                .flatMap(description -> description.partitions().stream())
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
        Map<TopicPartition, Deque<ConsumerRecord<byte[], byte[]>>> tails = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                // To close it takes as long as the broker may keep its last fetches waiting.
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "enable.auto.commit",
                        false,
                        "fetch.max.wait.ms",
                        50,
                        "isolation.level",
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            for (TopicPartition partition : partitions) {
                tails.put(partition, new ArrayDeque<>());
                consumer.seek(
                        partition,
                        Math.max(begins.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L) - count));
            }
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("could not read " + topic + " to its end within " + PATIENCE);
                }
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(100));
                polled.partitions().forEach(partition -> {
                    Deque<ConsumerRecord<byte[], byte[]>> tail = tails.get(partition);
                    if (tail != null) {
                        tail.addAll(polled.records(partition));
                    }
                });
            }
        }
        return mergedFromTheEnd(tails.values(), count);
    }

    /** Not sorted: the timestamps of one partition may go back, where the clocks of its producers differ. */
    private static List<ConsumerRecord<byte[], byte[]>> mergedFromTheEnd(
            Collection<Deque<ConsumerRecord<byte[], byte[]>>> tails, int count) {
        Deque<ConsumerRecord<byte[], byte[]>> merged = new ArrayDeque<>();
        while (merged.size() < count) {
            Optional<Deque<ConsumerRecord<byte[], byte[]>>> latest = tails.stream()
                    .filter(tail -> !tail.isEmpty())
                    .max(Comparator.comparingLong(tail -> tail.getLast().timestamp()));
            if (latest.isEmpty()) {
                break;
            }
            merged.push(latest.get().removeLast());
        }
        return List.copyOf(merged);
    }

    private Map<TopicPartition, Long> offsets(Iterable<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        Map<TopicPartition, ListOffsetsResultInfo> found =
                result(admin.listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                        .all());
        Map<TopicPartition, Long> offsets = new HashMap<>();
        found.forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refused: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka did not answer within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }
}

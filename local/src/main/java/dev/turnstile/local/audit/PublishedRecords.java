package dev.turnstile.local.audit;

import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.OrderTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topics of orders as a member of no group, and how far the workers' groups are. All methods throw a
 * {@link UserError} when Kafka fails.
 */
final class PublishedRecords implements AutoCloseable {

    /** The topics whose records become orders. */
    static final List<String> TOPICS = List.of(OrderTopics.FAIR, OrderTopics.DISTRIBUTED, OrderTopics.FAIR_OPEN);

    /** The consumer group that the workers are in for each. */
    private static final Map<String, String> GROUP_OF = Map.of(
            OrderTopics.FAIR, "turnstile.fair",
            OrderTopics.DISTRIBUTED, "turnstile.distributed",
            OrderTopics.FAIR_OPEN, "turnstile.open");

    private static final String DLT_PARTITION = "dlt-partition";
    private static final String DLT_OFFSET = "dlt-offset";

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    /** A consumer that is closed waits for the fetches that are on their way: for nothing, with all records read. */
    private static final int FETCH_WAIT_MS = 50;

    private final String bootstrapServers;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;

    /**
     * How far the topics are written and consumed. The committed positions were read before the ends.
     *
     * @param begin first offset of each partition that is there
     * @param committed first offset of each partition that no group has committed
     * @param end next offset of each partition
     * @param consumed the topics that a worker consumes
     */
    record Positions(
            Map<TopicPartition, Long> begin,
            Map<TopicPartition, Long> committed,
            Map<TopicPartition, Long> end,
            Set<String> consumed) {

        Set<String> topics() {
            return end.keySet().stream().map(TopicPartition::topic).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    PublishedRecords(ServerAddresses servers) {
        this.bootstrapServers = servers.kafka();
        Map<String, Object> common = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis(),
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis());
        Map<String, Object> reading = new HashMap<>(common);
        reading.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        reading.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // records deleted meanwhile are skipped
        reading.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"); // as workers read
        reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
        reading.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
        try {
            this.admin = Admin.create(common);
            this.consumer = new KafkaConsumer<>(reading);
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    /** How far the topics of orders are written and consumed now. */
    Positions positions() {
        Set<TopicPartition> partitions = partitions(TOPICS);
        Map<TopicPartition, Long> committed = new HashMap<>();
        Set<String> consumed = new HashSet<>();
        Set<String> groups = get(
                        admin.listGroups(ListGroupsOptions.forConsumerGroups()).all())
                .stream()
                .map(GroupListing::groupId)
                .collect(Collectors.toSet());
        // All at once: one after the other they would be most of the time of an audit of a small system.
        Map<String, String> known = new HashMap<>(GROUP_OF);
        known.values().retainAll(groups);
        Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
        known.values().forEach(group -> asked.put(group, new ListConsumerGroupOffsetsSpec()));
        Map<String, Map<TopicPartition, OffsetAndMetadata>> positions =
                get(admin.listConsumerGroupOffsets(asked).all());
        Map<String, ConsumerGroupDescription> descriptions =
                get(admin.describeConsumerGroups(asked.keySet()).all());
        known.forEach((topic, group) -> {
            positions.getOrDefault(group, Map.of()).forEach((partition, position) -> {
                if (position != null && partition.topic().equals(topic)) {
                    committed.put(partition, position.offset());
                }
            });
            ConsumerGroupDescription description = descriptions.get(group);
            if (description != null && !description.members().isEmpty()) {
                consumed.add(topic);
            }
        });
        Map<TopicPartition, Long> begin = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest());
        begin.forEach((partition, first) -> committed.merge(partition, first, Math::max));
        return new Positions(begin, committed, end, consumed);
    }

    /** Hands on all records from one position of each partition to another, as many at a time as come. */
    void read(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, Consumer<List<Published>> taker) {
        String installation = installation();
        readRecords(
                from,
                to,
                records -> taker.accept(records.stream()
                        .map(record -> Published.of(record, installation))
                        .toList()));
    }

    /** Where the records of a topic were that are among its dead letters now. */
    Set<String> deadLetters(String topic) {
        Set<TopicPartition> partitions = partitions(List.of(topic + OrderTopics.DEAD_LETTER_SUFFIX));
        Set<String> places = new HashSet<>();
        readRecords(
                offsets(partitions, OffsetSpec.earliest()),
                offsets(partitions, OffsetSpec.latest()),
                records -> records.forEach(record -> places.add(topic + "-" + Published.header(record, DLT_PARTITION)
                        + " offset " + Published.header(record, DLT_OFFSET))));
        return places;
    }

    /** The id of the installation that the topics belong to, or null if none has said so. */
    @Nullable String installation() {
        Set<TopicPartition> partitions = partitions(List.of(OrderTopics.INSTALLATION));
        List<String> ids = new ArrayList<>();
        readRecords(
                offsets(partitions, OffsetSpec.earliest()),
                offsets(partitions, OffsetSpec.latest()),
                records -> records.forEach(record ->
                        ids.add(record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8))));
        return ids.isEmpty() ? null : ids.get(0);
    }

    private void readRecords(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to,
            Consumer<List<ConsumerRecord<byte[], byte[]>>> taker) {
        Set<TopicPartition> unread = from.keySet().stream()
                .filter(partition -> at(from, partition) < at(to, partition))
                .collect(Collectors.toSet());
        try {
            consumer.assign(unread);
            consumer.resume(unread); // those that were read to their end before
            unread.forEach(partition -> consumer.seek(partition, at(from, partition)));
            long lastProgress = System.nanoTime();
            while (!unread.isEmpty()) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                List<ConsumerRecord<byte[], byte[]>> wanted = new ArrayList<>(polled.count());
                polled.forEach(record -> {
                    if (record.offset() < at(to, new TopicPartition(record.topic(), record.partition()))) {
                        wanted.add(record);
                    }
                });
                if (!wanted.isEmpty()) {
                    taker.accept(wanted);
                }
                if (unread.removeIf(partition -> consumer.position(partition) >= at(to, partition))) {
                    consumer.pause(consumer.assignment().stream()
                            .filter(Predicate.not(unread::contains))
                            .toList());
                }
                if (!polled.isEmpty()) {
                    lastProgress = System.nanoTime();
                } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                    throw new UserError("Kafka at " + bootstrapServers + " returned nothing of " + unread + " in "
                            + PATIENCE.toSeconds() + " s: is a broker down?");
                }
            }
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    private static long at(Map<TopicPartition, Long> positions, TopicPartition partition) {
        return positions.getOrDefault(partition, 0L);
    }

    /** The partitions of those of the topics that exist. */
    private Set<TopicPartition> partitions(Collection<String> topics) {
        Set<TopicPartition> partitions = new HashSet<>();
        admin.describeTopics(topics).topicNameValues().forEach((topic, answer) -> {
            try {
                TopicDescription description = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                description.partitions().forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failed(e.getCause());
                }
            } catch (TimeoutException e) {
                throw failed(e);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        });
        return partitions;
    }

    private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        get(admin.listOffsets(asked).all()).forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    private <T> T get(KafkaFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failed(e.getCause());
        } catch (TimeoutException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private UserError failed(@Nullable Throwable failure) {
        String problem = "the topics can't be read from Kafka at " + bootstrapServers + ": " + failure;
        return failure == null ? new UserError(problem) : new UserError(problem, failure);
    }

    private static UserError interrupted() {
        Thread.currentThread().interrupt();
        return new UserError("interrupted while Kafka was asked");
    }

    @Override
    public void close() {
        consumer.close();
        admin.close(PATIENCE);
    }
}

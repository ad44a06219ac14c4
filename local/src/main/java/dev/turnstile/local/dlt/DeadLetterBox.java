package dev.turnstile.local.dlt;

import dev.turnstile.local.project.UserError;
import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads dead letters, as a member of no group: they stay where they are. All methods throw a {@link UserError} when
 * Kafka fails. For one thread.
 */
public final class DeadLetterBox implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Gets letters one by one. */
    public interface Taker<E extends Exception> {
        void take(DeadLetter letter) throws E;
    }

    private final String kafka;
    private final KafkaConsumer<String, byte[]> consumer;

    /**
     * Opens the box.
     *
     * @param kafka bootstrap servers
     */
    public DeadLetterBox(String kafka) {
        this.kafka = kafka;
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka);
        settings.put("client.id", "turnstile-dlt");
        settings.put("enable.metrics.push", false);
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "none");
        settings.put("allow.auto.create.topics", false);
        settings.put("fetch.max.wait.ms", 50); // to close it takes as long
        settings.put("default.api.timeout.ms", Math.toIntExact(PATIENCE.toMillis()));
        settings.put("request.timeout.ms", Math.toIntExact(PATIENCE.toMillis()) / 2);
        try {
            this.consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    /**
     * The topics of dead letters that exist, or the one that is wanted.
     *
     * @param wanted a topic of dead letters or the topic whose dead letters are wanted; empty for all
     * @throws UserError if there is no such topic
     */
    public List<String> topics(String wanted) {
        Set<String> all = new TreeSet<>();
        try {
            for (String topic : consumer.listTopics().keySet()) {
                if (topic.endsWith(OrderTopics.DEAD_LETTER_SUFFIX)) {
                    all.add(topic);
                }
            }
        } catch (KafkaException e) {
            throw failed(e);
        }
        if (wanted.isEmpty()) {
            return List.copyOf(all);
        }
        String topic =
                wanted.endsWith(OrderTopics.DEAD_LETTER_SUFFIX) ? wanted : wanted + OrderTopics.DEAD_LETTER_SUFFIX;
        if (!all.contains(topic)) {
            throw new UserError("--topic: there is no topic " + topic + " at " + kafka + "; there are " + all);
        }
        return List.of(topic);
    }

    /** How many letters there are, about: some may have been deleted in between. */
    public long count(Collection<String> topics) {
        List<TopicPartition> partitions = partitions(topics);
        Map<TopicPartition, Long> begins = begins(partitions);
        return ends(partitions).entrySet().stream()
                .mapToLong(end -> end.getValue() - begins.getOrDefault(end.getKey(), 0L))
                .sum();
    }

    /**
     * The latest letters of some topics, the oldest of them first.
     *
     * @param most how many at most
     */
    public List<DeadLetter> latest(Collection<String> topics, int most) {
        List<TopicPartition> partitions = partitions(topics);
        Map<TopicPartition, Long> begins = begins(partitions);
        Map<TopicPartition, Long> ends = ends(partitions);
        Map<TopicPartition, Long> from = new HashMap<>(ends);
        from.replaceAll((partition, end) -> Math.max(begins.getOrDefault(partition, 0L), end - most));
        List<DeadLetter> letters = new ArrayList<>();
        read(from, ends, letters::add);
        letters.sort(Comparator.comparing(DeadLetter::time)
                .thenComparing(letter -> letter.place().topic())
                .thenComparing(letter -> letter.place().partition())
                .thenComparing(letter -> letter.place().offset()));
        return letters.subList(Math.max(0, letters.size() - most), letters.size());
    }

    /**
     * Hands on all letters of some topics that are there at the beginning.
     *
     * @throws E if the taker does
     */
    public <E extends Exception> void all(Collection<String> topics, Taker<E> taker) throws E {
        List<TopicPartition> partitions = partitions(topics);
        read(begins(partitions), ends(partitions), taker);
    }

    /**
     * The letters of some places, in their order.
     *
     * @throws UserError if there is none at one of them
     */
    public List<DeadLetter> at(Collection<LetterPosition> places) {
        List<DeadLetter> letters = new ArrayList<>();
        for (LetterPosition place : new LinkedHashSet<>(places)) {
            TopicPartition partition = place.topicPartition();
            if (!topics("").contains(place.topic())
                    || !partitions(List.of(place.topic())).contains(partition)
                    || place.offset() < begins(List.of(partition)).getOrDefault(partition, 0L)
                    || place.offset() >= ends(List.of(partition)).getOrDefault(partition, 0L)) {
                throw new UserError(
                        "there is no dead letter " + place + "; ./turnstile dlt list shows those there are");
            }
            read(Map.of(partition, place.offset()), Map.of(partition, place.offset() + 1), letters::add);
        }
        return letters;
    }

    private <E extends Exception> void read(
            Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, Taker<E> taker) throws E {
        Map<TopicPartition, Long> unread = new HashMap<>(to);
        unread.keySet().removeIf(partition -> from.getOrDefault(partition, 0L) >= to.getOrDefault(partition, 0L));
        try {
            consumer.assign(unread.keySet());
            unread.keySet().forEach(partition -> consumer.seek(partition, from.getOrDefault(partition, 0L)));
            long lastProgress = System.nanoTime();
            while (!unread.isEmpty()) {
                int read = 0;
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    read++;
                    if (record.offset() < to.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
                        taker.take(DeadLetter.of(record));
                    }
                }
                unread.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
                consumer.pause(consumer.assignment().stream()
                        .filter(partition -> !unread.containsKey(partition))
                        .toList());
                if (read > 0) {
                    lastProgress = System.nanoTime();
                } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                    throw new UserError("Kafka at " + kafka + " returned nothing of " + unread.keySet() + " in "
                            + PATIENCE.toSeconds() + " s: is a broker down?");
                }
            }
        } catch (OffsetOutOfRangeException e) {
            throw new UserError("dead letters were deleted while they were to be read (retention)", e);
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    private List<TopicPartition> partitions(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        try {
            for (String topic : topics) {
                for (PartitionInfo info : consumer.partitionsFor(topic)) {
                    partitions.add(new TopicPartition(topic, info.partition()));
                }
            }
        } catch (KafkaException e) {
            throw failed(e);
        }
        return partitions;
    }

    private Map<TopicPartition, Long> begins(Collection<TopicPartition> partitions) {
        try {
            return consumer.beginningOffsets(partitions);
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    private Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        try {
            return consumer.endOffsets(partitions);
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    private UserError failed(KafkaException e) {
        return new UserError("the dead letters can't be read from Kafka at " + kafka + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        consumer.close();
    }
}

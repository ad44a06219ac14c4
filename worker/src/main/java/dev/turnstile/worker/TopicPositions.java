package dev.turnstile.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Positions of a consumer in a topic that may be deleted and recreated, or lose its tail. An offset alone is not
 * sufficient: once the new records have grown past it, a consumer that goes on there skips them, and no error is
 * raised.
 *
 * <p>So each commit names the id of the topic and the leader epoch of the last record before the position, in its
 * metadata. A position in a topic of another id is not believed, and the topic is read from its beginning. A position
 * whose epoch the log ended before is moved back by the client, to where the log differs. The epoch is not committed in
 * the field that Kafka has for it: after the topic was made anew the client would wait for a leader of that epoch for
 * good.
 *
 * <p>Used on the consumer's thread alone.
 */
public final class TopicPositions {

    private static final Logger log = LoggerFactory.getLogger(TopicPositions.class);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(1);
    private static final char EPOCH = ':';

    private final String name;
    private final Supplier<TopicAdmin.Topic> topic;
    private final java.util.function.Consumer<Collection<TopicPartition>> madeAnew;
    private final LongSupplier nanoTime;
    private long lastLook;

    /** As the topic was at the last look. */
    private TopicAdmin.@Nullable Topic known;

    /** Partitions whose positions belong to the topic of that id. */
    private final Set<TopicPartition> believed = new HashSet<>();

    /** The leader epoch of polled records by the first offset that was seen of it. */
    private final Map<TopicPartition, NavigableMap<Long, Integer>> epochs = new HashMap<>();

    /** The content of a commit's metadata. */
    private record Origin(Uuid topicId, Optional<Integer> epoch) {

        /** Nothing if another build or a tool committed. */
        static Optional<Origin> parse(String metadata) {
            int colon = metadata.indexOf(EPOCH);
            try {
                return colon < 0
                        ? Optional.empty()
                        : Optional.of(new Origin(
                                Uuid.fromString(metadata.substring(0, colon)),
                                colon == metadata.length() - 1
                                        ? Optional.empty()
                                        : Optional.of(Integer.valueOf(metadata.substring(colon + 1)))));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        String text() {
            return topicId.toString() + EPOCH + epoch.map(Object::toString).orElse("");
        }
    }

    /**
     * Makes positions of a consumer of one topic.
     *
     * @param name the topic's
     * @param topic returns what the topic is now; throws a {@link KafkaException} if the broker does not answer
     * @param madeAnew called with partitions that are read from their beginning because the topic was recreated
     * @param nanoTime the clock of looks
     */
    public TopicPositions(
            String name,
            Supplier<TopicAdmin.Topic> topic,
            java.util.function.Consumer<Collection<TopicPartition>> madeAnew,
            LongSupplier nanoTime) {
        this.name = name;
        this.topic = topic;
        this.madeAnew = madeAnew;
        this.nanoTime = nanoTime;
        this.lastLook = nanoTime.getAsLong() - BETWEEN_LOOKS.toNanos();
    }

    /** Notes records that were polled. */
    public void polled(List<? extends ConsumerRecord<?, ?>> batch) {
        for (ConsumerRecord<?, ?> record : batch) {
            record.leaderEpoch()
                    .ifPresent(epoch ->
                            note(new TopicPartition(record.topic(), record.partition()), record.offset(), epoch));
        }
    }

    private void note(TopicPartition partition, long offset, int epoch) {
        NavigableMap<Long, Integer> seen = epochs.computeIfAbsent(partition, key -> new TreeMap<>());
        Map.Entry<Long, Integer> last = seen.lastEntry();
        if (last != null && last.getKey() < offset && last.getValue() == epoch) {
            return; // mostly
        }
        seen.tailMap(offset, true).clear();
        Map.Entry<Long, Integer> before = seen.lastEntry();
        if (before == null || before.getValue() != epoch) {
            seen.put(offset, epoch);
        }
    }

    /**
     * The partitions came to this consumer: their positions are compared before it polls, or with the next look if that
     * fails.
     */
    public void assigned(Consumer<?, ?> consumer) {
        tryToLook(consumer);
    }

    /**
     * Checks the topic if a second has passed since the last check. A check that fails is logged, and the next one
     * makes up for it.
     */
    public void lookNowAndThen(Consumer<?, ?> consumer) {
        if (nanoTime.getAsLong() - lastLook >= BETWEEN_LOOKS.toNanos()) {
            tryToLook(consumer);
        }
    }

    private void tryToLook(Consumer<?, ?> consumer) {
        try {
            look(consumer);
        } catch (KafkaException e) {
            log.info("the positions in {} are compared later: {}", name, e.toString());
        }
    }

    /**
     * Compares the topic with that of the positions, and moves those that can't be believed. Blocks for two seconds at
     * most.
     *
     * @return what the topic is now
     * @throws KafkaException if the broker does not answer
     */
    public TopicAdmin.Topic look(Consumer<?, ?> consumer) {
        lastLook = nanoTime.getAsLong();
        TopicAdmin.Topic now = topic.get();
        TopicAdmin.Topic before = known;
        if (before != null && !before.id().equals(now.id())) {
            believed.clear();
            believed.addAll(consumer.assignment());
            readAnew(consumer, consumer.assignment());
        }
        known = now;
        believed.retainAll(consumer.assignment());
        Set<TopicPartition> unknown = new HashSet<>(consumer.assignment());
        unknown.removeAll(believed);
        if (!unknown.isEmpty()) {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(unknown, KAFKA_PATIENCE);
            compare(consumer, unknown, committed, now.id());
            believed.addAll(unknown);
        }
        return now;
    }

    private void compare(
            Consumer<?, ?> consumer,
            Set<TopicPartition> partitions,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Uuid topicId) {
        List<TopicPartition> ofAnother = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata position = committed.get(partition);
            Origin origin =
                    position == null ? null : Origin.parse(position.metadata()).orElse(null);
            if (position == null || origin == null) {
                continue;
            }
            if (!origin.topicId().equals(topicId)) {
                ofAnother.add(partition);
            } else if (origin.epoch().isPresent() && !goesOn(partition, origin.epoch())) {
                consumer.seek(partition, new OffsetAndMetadata(position.offset(), origin.epoch(), ""));
            }
        }
        if (!ofAnother.isEmpty()) {
            readAnew(consumer, ofAnother);
        }
    }

    /** Whether records were polled since, and all of the epoch that was committed: nothing was lost between. */
    private boolean goesOn(TopicPartition partition, Optional<Integer> epoch) {
        NavigableMap<Long, Integer> polled = epochs.get(partition);
        return polled != null
                && polled.size() == 1
                && Objects.equals(polled.firstEntry().getValue(), epoch.get());
    }

    private void readAnew(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        log.warn("the topic {} was recreated: reading it from its beginning ({} partitions)", name, partitions.size());
        List<TopicPartition> all = List.copyOf(partitions);
        all.forEach(epochs::remove);
        consumer.seekToBeginning(all);
        madeAnew.accept(all);
    }

    /** The positions as they are to be committed; none of a partition that was not compared yet. */
    public Map<TopicPartition, OffsetAndMetadata> toCommit(Map<TopicPartition, OffsetAndMetadata> positions) {
        Map<TopicPartition, OffsetAndMetadata> named = new HashMap<>();
        TopicAdmin.Topic of = known;
        if (of != null) {
            positions.forEach((partition, position) -> {
                if (believed.contains(partition)) {
                    Origin origin = new Origin(of.id(), epochBefore(partition, position.offset()));
                    named.put(partition, new OffsetAndMetadata(position.offset(), origin.text()));
                }
            });
        }
        return named;
    }

    private Optional<Integer> epochBefore(TopicPartition partition, long offset) {
        NavigableMap<Long, Integer> seen = epochs.getOrDefault(partition, Collections.emptyNavigableMap());
        Map.Entry<Long, Integer> last = seen.floorEntry(offset - 1);
        if (last == null) {
            return Optional.empty();
        }
        seen.headMap(last.getKey(), false).clear();
        return Optional.of(last.getValue());
    }

    /** Forgets partitions that belong to another consumer now. */
    public void drop(Collection<TopicPartition> partitions) {
        believed.removeAll(partitions);
        epochs.keySet().removeAll(partitions);
    }
}

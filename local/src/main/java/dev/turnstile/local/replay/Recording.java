package dev.turnstile.local.replay;

import dev.turnstile.local.project.UserError;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The recorded orders of a topic, all partitions merged by the time of their records. Within a partition they stay in
 * its order, whatever their times.
 *
 * <p>A range of time holds the records whose own times are in it: offsets are not sufficient, as a producer's clock may
 * be wrong. So such a range is read on to the end of the topic.
 *
 * <p>Its ends are fixed when it is opened: later records, by the replay itself for one, are not in it. Holds a
 * bounded number of records, however long the recording. For one thread.
 */
final class Recording {

    private static final Duration POLL = Duration.ofMillis(200);

    /** How far the clock of a producer may be ahead. */
    private static final Duration AHEAD = Duration.ofDays(1);

    /** Records that are held of all partitions together, about. */
    private static final int HELD = 20_000;

    private static final int LEAST_HELD_OF_A_PARTITION = 50;

    private final Consumer<String, byte[]> consumer;
    private final ReplayRange range;
    private final boolean withReplayed;
    private final long openedMs = System.currentTimeMillis();
    private final Map<TopicPartition, Source> sources =
            new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
    private final long size;
    private final int heldOfAPartition;
    private Passed passed = Passed.NOTHING;

    /**
     * The records up to an order, itself included.
     *
     * @param read how many of the range
     * @param unreadable those of them that hold no order, or were never sent by their time
     * @param firstUnreadable where the first of those is and what is wrong with it, or null
     * @param ofReplays those that an earlier replay sent, and that were left out
     * @param withoutRecord offsets before them that hold no committed record: those of aborted transactions, of the
     *     marks that end a transaction, and those that were compacted away
     */
    record Passed(long read, long unreadable, @Nullable String firstUnreadable, long ofReplays, long withoutRecord) {

        static final Passed NOTHING = new Passed(0, 0, null, 0, 0);

        Passed one() {
            return new Passed(read + 1, unreadable, firstUnreadable, ofReplays, withoutRecord);
        }

        Passed unreadable(String problem) {
            String first = firstUnreadable == null ? problem : firstUnreadable;
            return new Passed(read + 1, unreadable + 1, first, ofReplays, withoutRecord);
        }

        Passed ofReplay() {
            return new Passed(read + 1, unreadable, firstUnreadable, ofReplays + 1, withoutRecord);
        }

        Passed withoutRecord(long offsets) {
            return new Passed(read, unreadable, firstUnreadable, ofReplays, withoutRecord + offsets);
        }
    }

    /** One partition: what is read of it and not handed out yet. */
    private static final class Source {
        private final long end;
        private final Deque<ConsumerRecord<String, byte[]>> held = new ArrayDeque<>();
        private long next;
        private boolean read;

        Source(long start, long end) {
            this.next = start;
            this.end = end;
        }

        /** Goes on to an offset; returns how many were skipped. */
        long skipTo(long offset) {
            long skipped = Math.max(0, offset - next);
            next = offset;
            return skipped;
        }
    }

    /**
     * Opens a recording.
     *
     * @param consumer of no group, of committed records alone; without a position to fall back on when records are gone
     * @throws UserError if the topic has no such partition, or no record in the range
     */
    Recording(Consumer<String, byte[]> consumer, String topic, ReplayRange range, boolean withReplayed) {
        this.consumer = consumer;
        this.range = range;
        this.withReplayed = withReplayed;
        List<TopicPartition> partitions = partitions(topic, range);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> from = starts(range, begins, ends);
        Map<TopicPartition, Long> to = ends(range, ends);
        long records = 0;
        for (TopicPartition partition : partitions) {
            long start = from.getOrDefault(partition, 0L);
            long end = to.getOrDefault(partition, 0L);
            if (start < end) {
                sources.put(partition, new Source(start, end));
                records += end - start;
            }
        }
        size = records;
        if (sources.isEmpty()) {
            throw nothingThere(topic, range, begins, ends);
        }
        heldOfAPartition = Math.max(LEAST_HELD_OF_A_PARTITION, HELD / sources.size());
        consumer.assign(sources.keySet());
        sources.keySet().forEach(partition -> consumer.seek(partition, from.getOrDefault(partition, 0L)));
    }

    private List<TopicPartition> partitions(String topic, ReplayRange range) {
        List<PartitionInfo> infos = consumer.partitionsFor(topic);
        List<TopicPartition> partitions = infos.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .filter(partition -> range.partition() == null || range.partition() == partition.partition())
                .toList();
        if (partitions.isEmpty()) {
            throw new UserError("--partition: " + topic + " has " + infos.size()
                    + " partitions, numbered from 0, and no " + range.partition());
        }
        return partitions;
    }

    private Map<TopicPartition, Long> starts(
            ReplayRange range, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        if (range.from() != null) {
            return offsetsAt(range.from(), ends);
        }
        Map<TopicPartition, Long> starts = new HashMap<>(begins);
        Long first = range.fromOffset();
        if (first != null) {
            starts.replaceAll((partition, begin) -> Math.max(begin, first));
        }
        return starts;
    }

    private Map<TopicPartition, Long> ends(ReplayRange range, Map<TopicPartition, Long> ends) {
        // with times, too: a record may say an earlier time than one before it, so no offset is known to be the last
        Map<TopicPartition, Long> limited = new HashMap<>(ends);
        Long last = range.toOffset();
        if (last != null) {
            limited.replaceAll((partition, end) -> Math.min(end, last));
        }
        return limited;
    }

    /** Of each partition the first record that is not before this time, or its end. All records of its range follow. */
    private Map<TopicPartition, Long> offsetsAt(Instant time, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> times = new HashMap<>();
        ends.keySet().forEach(partition -> times.put(partition, time.toEpochMilli()));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
        Map<TopicPartition, Long> offsets = new HashMap<>(ends);
        offsets.replaceAll((partition, end) -> {
            OffsetAndTimestamp first = found.get(partition);
            return first == null ? end : Math.min(end, first.offset());
        });
        return offsets;
    }

    private UserError nothingThere(
            String topic, ReplayRange range, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends) {
        List<TopicPartition> filled = ends.keySet().stream()
                .filter(partition -> begins.getOrDefault(partition, 0L) < ends.getOrDefault(partition, 0L))
                .toList();
        if (filled.isEmpty()) {
            return new UserError("nothing to replay: " + topic + " is empty");
        }
        Map<TopicPartition, Long> earliest = new HashMap<>();
        filled.forEach(partition -> earliest.put(partition, 0L));
        Optional<Instant> first = consumer.offsetsForTimes(earliest).values().stream()
                .map(offset -> Instant.ofEpochMilli(offset.timestamp()))
                .min(Comparator.naturalOrder());
        long records = filled.stream()
                .mapToLong(partition -> ends.getOrDefault(partition, 0L) - begins.getOrDefault(partition, 0L))
                .sum();
        return new UserError("nothing to replay: " + topic + " has no record" + range.describe() + "; it holds "
                + records + " records"
                + first.map(time -> ", the first of " + time).orElse(""));
    }

    /**
     * The next order.
     *
     * @return null when there are no more
     * @throws UserError if records of the range were deleted meanwhile
     */
    @Nullable TopicOrder next() {
        while (true) {
            while (sources.values().stream().anyMatch(source -> source.held.isEmpty() && !source.read)) {
                fill();
            }
            ConsumerRecord<String, byte[]> record = earliest();
            if (record == null) {
                sources.values().forEach(source -> passed = passed.withoutRecord(source.skipTo(source.end)));
                return null;
            }
            TopicOrder order = read(record);
            if (order != null) {
                return order;
            }
        }
    }

    private @Nullable ConsumerRecord<String, byte[]> earliest() {
        Source earliest = null;
        long earliestMs = Long.MAX_VALUE;
        for (Source source : sources.values()) {
            ConsumerRecord<String, byte[]> head = source.held.peek();
            if (head == null) {
                continue;
            }
            // a record of another time keeps back none of those behind it
            long timeMs = isTime(head.timestamp()) && isInRange(head.timestamp()) ? head.timestamp() : Long.MIN_VALUE;
            if (earliest == null || timeMs < earliestMs) {
                earliest = source;
                earliestMs = timeMs;
            }
        }
        if (earliest == null) {
            return null;
        }
        ConsumerRecord<String, byte[]> record = earliest.held.remove();
        passed = passed.withoutRecord(earliest.skipTo(record.offset()));
        earliest.next++;
        return record;
    }

    private void fill() {
        sources.forEach((partition, source) -> {
            if (source.read || source.held.size() >= heldOfAPartition) {
                consumer.pause(List.of(partition));
            } else {
                consumer.resume(List.of(partition));
            }
        });
        try {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                Source source = sources.get(new TopicPartition(record.topic(), record.partition()));
                if (source != null && record.offset() < source.end) {
                    source.held.add(record);
                }
            }
        } catch (OffsetOutOfRangeException e) {
            Collection<TopicPartition> gone = e.offsetOutOfRangePartitions().keySet();
            throw new UserError("records of " + gone + " were deleted while they were to be read (retention)", e);
        }
        sources.forEach((partition, source) -> {
            // the position, not the last record: what was aborted or compacted away does not come
            if (consumer.position(partition) >= source.end) {
                source.read = true;
            }
        });
    }

    private boolean isTime(long timestampMs) {
        return timestampMs >= 0 && timestampMs <= openedMs + AHEAD.toMillis();
    }

    private boolean isInRange(long timestampMs) {
        Instant from = range.from();
        Instant to = range.to();
        return (from == null || timestampMs >= from.toEpochMilli()) && (to == null || timestampMs < to.toEpochMilli());
    }

    private @Nullable TopicOrder read(ConsumerRecord<String, byte[]> record) {
        if (isTime(record.timestamp()) && !isInRange(record.timestamp())) {
            return null;
        }
        try {
            if (!isTime(record.timestamp())) {
                throw new IllegalArgumentException("its timestamp is invalid: " + record.timestamp());
            }
            Order order = OrderJson.readOrder(record.value());
            if (order.replayRun() != null && !withReplayed) {
                passed = passed.ofReplay();
                return null;
            }
            passed = passed.one();
            return new TopicOrder(order, record.timestamp(), record.key());
        } catch (UnreadableMessageException | RuntimeException e) {
            passed = passed.unreadable(
                    "partition " + record.partition() + " offset " + record.offset() + ": " + e.getMessage());
            return null;
        }
    }

    /** How many records the range has at most: some of its offsets may hold none, or records of another time. */
    long size() {
        return size;
    }

    /** How many partitions have records in the range. */
    int partitions() {
        return sources.size();
    }

    /** What was passed so far. */
    Passed passed() {
        return passed;
    }
}

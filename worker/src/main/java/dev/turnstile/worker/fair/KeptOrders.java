package dev.turnstile.worker.fair;

import dev.turnstile.line.Parking;
import dev.turnstile.order.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The orders this worker consumed and that are not answered yet, and how far each partition may be committed: up to the
 * first of them, however many behind it are done. So whatever was not committed, released and answered is delivered again
 * if this worker dies.
 *
 * <p>Bounded by what the door lets into the line. Safe for use by any thread.
 */
final class KeptOrders {

    private final Map<TopicPartition, Deque<Kept>> partitions = new HashMap<>();
    private final Map<TopicPartition, Long> consumed = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final Map<UUID, List<Kept>> byOrder = new HashMap<>();
    private final NavigableMap<Long, Kept> bySerial = new TreeMap<>();
    private final Deque<Parking> unparked = new ArrayDeque<>();
    private long serials;

    private static final class Kept {
        private final TopicPartition partition;
        private final long offset;
        private final long serial;
        private final Parking parking;
        private boolean done;

        Kept(TopicPartition partition, long offset, long serial, Parking parking) {
            this.partition = partition;
            this.offset = offset;
            this.serial = serial;
            this.parking = parking;
        }
    }

    /** A page of the orders that are kept, and where the next page begins. */
    record Page(List<Parking> orders, long next) {}

    /**
     * Keeps a consumed order.
     *
     * @return false if this very record is kept already or was done before, because it was delivered twice
     */
    synchronized boolean keep(TopicPartition partition, long offset, Parking parking) {
        if (!advance(partition, offset)) {
            return false;
        }
        Kept kept = new Kept(partition, offset, serials++, parking);
        partitions.computeIfAbsent(partition, key -> new ArrayDeque<>()).add(kept);
        byOrder.computeIfAbsent(parking.order().id(), key -> new ArrayList<>(1)).add(kept);
        bySerial.put(kept.serial, kept);
        unparked.add(parking);
        return true;
    }

    /** Hands out some of the orders that are to be parked, as they came. */
    synchronized List<Parking> takeUnparked(int most) {
        List<Parking> orders = new ArrayList<>(Math.min(most, unparked.size()));
        while (orders.size() < most && !unparked.isEmpty()) {
            orders.add(unparked.remove());
        }
        return orders;
    }

    /** Takes back what could not be parked, to be tried again. */
    synchronized void putBackUnparked(List<Parking> orders) {
        for (int i = orders.size() - 1; i >= 0; i--) {
            unparked.push(orders.get(i));
        }
    }

    synchronized boolean hasUnparked() {
        return !unparked.isEmpty();
    }

    /** Notes a record that needs no answer from here: it was set aside or handed on. */
    synchronized void pass(TopicPartition partition, long offset) {
        advance(partition, offset);
    }

    private boolean advance(TopicPartition partition, long offset) {
        Long last = consumed.get(partition);
        if (last != null && offset <= last) {
            return false;
        }
        consumed.put(partition, offset);
        committed.putIfAbsent(partition, offset);
        return true;
    }

    /** Notes that orders were committed, released and answered. Those that are not kept here are passed over. */
    synchronized void done(Collection<UUID> orderIds) {
        for (UUID orderId : orderIds) {
            for (Kept kept : byOrder.getOrDefault(orderId, List.of())) {
                kept.done = true;
                bySerial.remove(kept.serial);
                Deque<Kept> deque = partitions.get(kept.partition);
                while (deque != null && !deque.isEmpty() && deque.peek().done) {
                    deque.remove();
                }
            }
            byOrder.remove(orderId);
        }
    }

    /** The positions that may be committed and were not yet. */
    synchronized Map<TopicPartition, OffsetAndMetadata> committable() {
        return committable(consumed.keySet());
    }

    /** The same for some partitions. */
    synchronized Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> wanted) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (TopicPartition partition : wanted) {
            Long last = consumed.get(partition);
            if (last != null) {
                Deque<Kept> deque = partitions.get(partition);
                Kept first = deque == null ? null : deque.peek();
                long position = first == null ? last + 1 : first.offset;
                if (position > committed.getOrDefault(partition, 0L)) {
                    positions.put(partition, new OffsetAndMetadata(position));
                }
            }
        }
        return positions;
    }

    /** Notes that positions were committed. */
    synchronized void committed(Map<TopicPartition, OffsetAndMetadata> positions) {
        positions.forEach((partition, position) ->
                committed.computeIfPresent(partition, (key, before) -> Math.max(before, position.offset())));
    }

    /** Drops partitions that belong to another worker now, which will consume what was not committed. */
    synchronized void drop(Collection<TopicPartition> gone) {
        for (TopicPartition partition : gone) {
            consumed.remove(partition);
            committed.remove(partition);
            Deque<Kept> deque = partitions.remove(partition);
            if (deque != null) {
                for (Kept kept : deque) {
                    bySerial.remove(kept.serial);
                    List<Kept> records = byOrder.get(kept.parking.order().id());
                    if (records != null) {
                        records.remove(kept);
                        if (records.isEmpty()) {
                            byOrder.remove(kept.parking.order().id());
                        }
                    }
                }
            }
        }
    }

    /** An order, if it is kept here. */
    synchronized Optional<Order> order(UUID orderId) {
        return byOrder.getOrDefault(orderId, List.of()).stream().findFirst().map(kept -> kept.parking.order());
    }

    /**
     * Some of the kept orders, oldest first; page after page all of them.
     *
     * @param from where to begin, 0 or {@link Page#next()} of the page before
     * @param most the size of the page
     */
    synchronized Page page(long from, int most) {
        List<Parking> orders = new ArrayList<>();
        long next = 0;
        for (Kept kept : bySerial.tailMap(from, true).values()) {
            if (orders.size() == most) {
                next = kept.serial;
                break;
            }
            orders.add(kept.parking);
        }
        return new Page(orders, next);
    }

    synchronized int size() {
        return bySerial.size();
    }
}

package dev.turnstile.worker;

import dev.turnstile.line.WakeupListener;
import dev.turnstile.order.Order;
import dev.turnstile.order.ReplyAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The orders this worker consumed and that are not answered yet, and how far each partition may be committed: up to the
 * first of them, however many behind it are done. So whatever was not committed, released and answered is delivered
 * again if this worker dies.
 *
 * <p>Offsets may go back: a topic was deleted and made anew, a broker lost its end, the offsets of the group were set
 * back, or a batch is delivered again. Such records are kept like all others, and the position goes back with them. An
 * order whose record no longer exists holds up no position, and is answered all the same.
 *
 * <p>Safe for use by any thread.
 *
 * @param <T> an order with what its mode needs besides
 */
public final class InFlightOrders<T> {

    private final Function<T, Order> orderOf;
    private final @Nullable Function<T, ?> keyOf;

    /** What holds up each partition's position, by offset. */
    private final Map<TopicPartition, NavigableMap<Long, Kept<T>>> partitions = new HashMap<>();

    private final Map<TopicPartition, Long> consumed = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private final Map<UUID, List<Kept<T>>> byOrder = new HashMap<>();
    private final Map<Object, Kept<T>> byKey = new HashMap<>();
    private final NavigableMap<Long, Kept<T>> bySerial = new TreeMap<>();
    private final Deque<T> untaken = new ArrayDeque<>();
    private long serials;
    private long generation;

    private static final class Kept<T> {
        private final TopicPartition partition;
        private final long offset;
        private final long serial;
        private final T order;

        Kept(TopicPartition partition, long offset, long serial, T order) {
            this.partition = partition;
            this.offset = offset;
            this.serial = serial;
            this.order = order;
        }
    }

    /** Makes a keeper of orders. */
    public InFlightOrders(Function<T, Order> orderOf) {
        this.orderOf = orderOf;
        this.keyOf = null;
    }

    /** Makes a keeper of orders that are found {@link #byKey by a key}, too. */
    public InFlightOrders(Function<T, Order> orderOf, Function<T, ?> keyOf) {
        this.orderOf = orderOf;
        this.keyOf = keyOf;
    }

    /**
     * A page of the orders that are kept.
     *
     * @param next where the next page begins; 0 if this was the last
     */
    public record Page<T>(List<T> orders, long next) {}

    /**
     * Keeps a consumed order.
     *
     * @return false if this very record is kept already, because it was delivered twice
     */
    public synchronized boolean keep(TopicPartition partition, long offset, T order) {
        advance(partition, offset);
        NavigableMap<Long, Kept<T>> open = partitions.computeIfAbsent(partition, key -> new TreeMap<>());
        UUID orderId = orderOf.apply(order).id();
        Kept<T> there = open.get(offset);
        if (there != null && orderOf.apply(there.order).id().equals(orderId)) {
            return false;
        }
        Kept<T> kept = new Kept<>(partition, offset, serials++, order);
        open.put(offset, kept);
        byOrder.computeIfAbsent(orderId, key -> new ArrayList<>(1)).add(kept);
        bySerial.put(kept.serial, kept);
        untaken.add(order);
        return true;
    }

    /** Lets these orders be found {@link #byKey by their keys}, if they are kept. */
    public synchronized void index(Collection<T> orders) {
        if (keyOf == null) {
            throw new IllegalStateException("orders have no keys here");
        }
        for (T order : orders) {
            for (Kept<T> kept : byOrder.getOrDefault(orderOf.apply(order).id(), List.of())) {
                if (kept.order == order) {
                    byKey.putIfAbsent(keyOf.apply(order), kept);
                }
            }
        }
    }

    /** Returns some of the orders that have not been taken yet, in the order of their arrival. */
    public synchronized List<T> take(int most) {
        List<T> orders = new ArrayList<>(Math.min(most, untaken.size()));
        while (orders.size() < most && !untaken.isEmpty()) {
            orders.add(untaken.remove());
        }
        return orders;
    }

    /** Gets back what was taken, to be handed out again before all others. */
    public synchronized void putBack(List<T> orders) {
        for (int i = orders.size() - 1; i >= 0; i--) {
            untaken.push(orders.get(i));
        }
    }

    /** Whether there are orders that have not been taken. */
    public synchronized boolean hasUntaken() {
        return !untaken.isEmpty();
    }

    /** Notes a record that needs no answer from here: it was dead-lettered or handed on. */
    public synchronized void pass(TopicPartition partition, long offset) {
        advance(partition, offset);
        NavigableMap<Long, Kept<T>> open = partitions.get(partition);
        if (open != null) {
            open.remove(offset);
        }
    }

    private void advance(TopicPartition partition, long offset) {
        Long last = consumed.put(partition, offset);
        if (last == null) {
            committed.put(partition, offset);
        } else if (offset <= last) {
            committed.merge(partition, offset, Math::min);
            generation++;
        }
    }

    /** This moment, for {@link #done}, which separates by it what is kept already from what arrives later. */
    public synchronized long moment() {
        return serials;
    }

    /**
     * Notes that orders were committed, released and answered. A record of one of them that wants its answer elsewhere
     * stays, and one that is kept only since then: its sender began to wait after the answer had arrived. Orders that
     * are not kept here are skipped.
     *
     * @param since when the answers began to be sent; a {@link #moment}
     */
    public synchronized void done(Collection<Order> answered, long since) {
        for (Order order : answered) {
            done(order.id(), kept -> kept.serial < since && isFor(kept, order.replyTo()));
        }
    }

    /**
     * Notes that orders were committed, released and answered by another worker. One of which there are several records
     * stays, as it is not known here which of them was answered, and so does one whose record wants its answer
     * elsewhere.
     *
     * @return what stays, to be answered from here
     */
    public synchronized List<T> doneElsewhere(Collection<WakeupListener.Answered> answered) {
        List<T> open = new ArrayList<>(0);
        for (WakeupListener.Answered order : answered) {
            List<Kept<T>> records = byOrder.getOrDefault(order.orderId(), List.of());
            if (records.size() == 1 && isFor(records.get(0), order.to())) {
                done(order.orderId(), kept -> true);
            } else {
                records.forEach(kept -> open.add(kept.order));
            }
        }
        return open;
    }

    /** Kept records of these orders that want the answer elsewhere; each place once. */
    public synchronized List<Order> repeats(List<Order> orders) {
        List<Order> repeats = new ArrayList<>(0);
        for (Order order : orders) {
            List<Kept<T>> records = byOrder.getOrDefault(order.id(), List.of());
            if (records.size() > 1 || (records.size() == 1 && !isFor(records.get(0), order.replyTo()))) {
                for (Kept<T> kept : records) {
                    if (Stream.concat(orders.stream(), repeats.stream())
                            .filter(known -> known.id().equals(order.id()))
                            .noneMatch(known -> isFor(kept, known.replyTo()))) {
                        repeats.add(orderOf.apply(kept.order));
                    }
                }
            }
        }
        return repeats;
    }

    private boolean isFor(Kept<T> kept, @Nullable ReplyAddress to) {
        return Objects.equals(orderOf.apply(kept.order).replyTo(), to);
    }

    private void done(UUID orderId, Predicate<Kept<T>> which) {
        List<Kept<T>> records = byOrder.getOrDefault(orderId, List.of());
        List<Kept<T>> open = new ArrayList<>(0);
        for (Kept<T> kept : records) {
            if (!which.test(kept)) {
                open.add(kept);
                continue;
            }
            forget(kept);
            NavigableMap<Long, Kept<T>> held = partitions.get(kept.partition);
            if (held != null) {
                held.remove(kept.offset, kept);
            }
        }
        if (open.isEmpty()) {
            byOrder.remove(orderId);
        } else {
            byOrder.put(orderId, open);
        }
    }

    private void forget(Kept<T> kept) {
        bySerial.remove(kept.serial);
        if (keyOf != null) {
            byKey.remove(keyOf.apply(kept.order), kept);
        }
    }

    /** The positions that may be committed and were not yet. */
    public synchronized Map<TopicPartition, OffsetAndMetadata> committable() {
        return committable(consumed.keySet());
    }

    /** Returns the committable positions of some partitions. */
    public synchronized Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> wanted) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        for (TopicPartition partition : wanted) {
            Long last = consumed.get(partition);
            if (last != null) {
                NavigableMap<Long, Kept<T>> held = partitions.get(partition);
                long position = held == null || held.isEmpty() ? last + 1 : Math.min(held.firstKey(), last + 1);
                if (position > committed.getOrDefault(partition, 0L)) {
                    positions.put(partition, new OffsetAndMetadata(position));
                }
            }
        }
        return positions;
    }

    /** A number that changes whenever a position goes back: offsets from before are no longer committable. */
    public synchronized long generation() {
        return generation;
    }

    /**
     * Notes that positions were committed. Says nothing about positions that went back meanwhile: they are committed
     * once more.
     *
     * @param since the {@link #generation} in which they were committable
     */
    public synchronized void committed(Map<TopicPartition, OffsetAndMetadata> positions, long since) {
        if (since == generation) {
            positions.forEach((partition, position) ->
                    committed.computeIfPresent(partition, (key, before) -> Math.max(before, position.offset())));
        }
    }

    /**
     * Forgets how far partitions were consumed, because their topic was recreated. Orders of the old topic hold up no
     * position, and are answered all the same.
     */
    public synchronized void restart(Collection<TopicPartition> anew) {
        consumed.keySet().removeAll(anew);
        committed.keySet().removeAll(anew);
        partitions.keySet().removeAll(anew);
        generation++;
    }

    /** Drops partitions that belong to another worker now, which will consume what was not committed. */
    public synchronized void drop(Collection<TopicPartition> gone) {
        for (TopicPartition partition : gone) {
            consumed.remove(partition);
            committed.remove(partition);
            generation++;
            NavigableMap<Long, Kept<T>> held = partitions.remove(partition);
            if (held != null) {
                for (Kept<T> kept : held.values()) {
                    forget(kept);
                    List<Kept<T>> records =
                            byOrder.get(orderOf.apply(kept.order).id());
                    if (records != null) {
                        records.remove(kept);
                        if (records.isEmpty()) {
                            byOrder.remove(orderOf.apply(kept.order).id());
                        }
                    }
                }
            }
        }
    }

    /**
     * The order with this key, if it is kept and {@link #index indexed}: of several with the same key only the first
     * is, as long as it is kept.
     *
     * @throws IllegalStateException if orders have no keys here
     */
    public synchronized Optional<Order> byKey(Object key) {
        if (keyOf == null) {
            throw new IllegalStateException("orders have no keys here");
        }
        return Optional.ofNullable(byKey.get(key)).map(kept -> orderOf.apply(kept.order));
    }

    /** An order, if it is kept here. */
    public synchronized Optional<Order> order(UUID orderId) {
        return byOrder.getOrDefault(orderId, List.of()).stream().findFirst().map(kept -> orderOf.apply(kept.order));
    }

    /**
     * Some of the kept orders, oldest first; page after page all of them.
     *
     * @param from where to begin, 0 or {@link Page#next()} of the page before
     * @param most the size of the page
     */
    public synchronized Page<T> page(long from, int most) {
        List<T> orders = new ArrayList<>();
        long next = 0;
        for (Kept<T> kept : bySerial.tailMap(from, true).values()) {
            if (orders.size() == most) {
                next = kept.serial;
                break;
            }
            orders.add(kept.order);
        }
        return new Page<>(orders, next);
    }

    /** How many orders are kept and not done. */
    public synchronized int size() {
        return bySerial.size();
    }
}

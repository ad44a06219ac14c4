package dev.turnstile.worker.unticketed;

import static java.util.Objects.requireNonNull;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.worker.OrderBatchListener;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.ReplySender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives fair orders that come without a ticket one, in the order of their records, and publishes them with it. Such
 * orders passed no admission, so they are admitted here: only while the line has room. When it is full, or a server is
 * down, all partitions are paused, and the same records are tried again after a while.
 *
 * <p>The position is committed only past orders that the broker has with their tickets, or that were answered. So a
 * record may come twice. An order that is still undecided gets the same ticket again; one that is decided draws none
 * and is answered from the ledger.
 *
 * <p>A worker has no heartbeat in the line, so its tickets are judged by their age. Of one that died no orphan can be
 * reported before its partitions of the fair topic have moved, and those of this topic move as soon: their next owner
 * draws the same tickets, and the order of the records stands.
 *
 * <p>The container's own pauses (a negative acknowledgement with a sleep) are not used: one of them that begins while
 * another lasts, for partitions that came meanwhile, never resumes those of the first. All methods run on the
 * consumer's thread.
 */
final class UnticketedOrdersListener implements OrderBatchListener {

    /** Orders that one script draws for, so that it does not hold up Redis; no poll brings more. */
    static final int MOST_AT_ONCE = 100;

    static final Duration SHORTEST_PAUSE = OrderContainers.POLL_TIMEOUT;
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(UnticketedOrdersListener.class);

    /** A commit costs the broker more than an order does. Records for which it is late are at worst redelivered. */
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    private static final Duration COMMIT_PATIENCE = Duration.ofSeconds(5);

    private final OrderRecords records;
    private final TopicPositions positions;
    private final TicketLine line;
    private final int maxWaiting;
    private final Ledger ledger;
    private final UnticketedTopic topic;
    private final ReplySender replies;
    private final DeadLetters deadLetters;
    private final LongSupplier nanoTime;
    private final FailureLog failures = new FailureLog(log, "drawing tickets for orders without one");

    /** Records that are not handed on yet. While there are some, the partitions are paused, and no more are polled. */
    private final Deque<ConsumerRecord<String, byte[]>> pending = new ArrayDeque<>();

    /**
     * Those of the pending orders whose topic was recreated: their offsets are no positions, and no other worker has
     * them.
     */
    private final Set<ConsumerRecord<String, byte[]>> ofEarlierTopic =
            Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private Duration pause = Duration.ZERO;
    private long pausedAt;
    private long committedAt;

    /**
     * Makes a listener.
     *
     * @param source returns what the topic of these orders is now; throws a {@link KafkaException} if the broker does
     *     not answer
     * @param maxWaiting how many orders may be in the line while others are admitted here
     * @param nanoTime the clock of pauses
     */
    UnticketedOrdersListener(
            OrderRecords records,
            Supplier<TopicAdmin.Topic> source,
            TicketLine line,
            int maxWaiting,
            Ledger ledger,
            UnticketedTopic topic,
            ReplySender replies,
            DeadLetters deadLetters,
            LongSupplier nanoTime) {
        this.records = records;
        this.positions = new TopicPositions(OrderTopics.FAIR_OPEN, source, this::madeAnew, nanoTime);
        this.line = line;
        this.maxWaiting = maxWaiting;
        this.ledger = ledger;
        this.topic = topic;
        this.replies = replies;
        this.deadLetters = deadLetters;
        this.nanoTime = nanoTime;
        this.committedAt = nanoTime.getAsLong() - COMMIT_INTERVAL.toNanos();
    }

    /** A record and the order in it, or why there is none. */
    private record Entry(
            ConsumerRecord<String, byte[]> record, @Nullable Order order, String problem) {}

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> records, @Nullable Consumer<?, ?> consumer) {
        positions.polled(records);
        pending.addAll(records);
        onPolled(requireNonNull(consumer, "the container gives the consumer"));
    }

    /** Hands on and commits what can be; after each batch, too. */
    @Override
    public void onPolled(Consumer<?, ?> consumer) {
        positions.lookNowAndThen(consumer);
        if (pause.isZero() || nanoTime.getAsLong() - pausedAt >= pause.toNanos()) {
            handOnPending();
        }
        OrderBatchListener.setPaused(consumer, !pending.isEmpty());
        commit(consumer);
    }

    private void handOnPending() {
        Duration lastPause = pause;
        pause = Duration.ZERO;
        while (!pending.isEmpty() && pause.isZero()) {
            List<ConsumerRecord<String, byte[]>> batch =
                    pending.stream().limit(MOST_AT_ONCE).toList();
            int done = handOn(batch);
            for (ConsumerRecord<String, byte[]> record : batch.subList(0, done)) {
                pending.remove();
                if (!ofEarlierTopic.remove(record)) {
                    uncommitted.put(partition(record), new OffsetAndMetadata(record.offset() + 1));
                }
            }
            if (done < batch.size()) {
                pause = done > 0 || lastPause.isZero() ? SHORTEST_PAUSE : shorter(lastPause.multipliedBy(2));
                pausedAt = nanoTime.getAsLong();
            }
        }
    }

    private static Duration shorter(Duration wanted) {
        return wanted.compareTo(LONGEST_PAUSE) < 0 ? wanted : LONGEST_PAUSE;
    }

    /**
     * Hands on the first of these records; returns how many, which is less than all when the line is full or a server
     * is down.
     */
    private int handOn(List<ConsumerRecord<String, byte[]>> batch) {
        try {
            List<Entry> entries = batch.stream().map(this::read).toList();
            List<Order> orders =
                    entries.stream().map(Entry::order).filter(Objects::nonNull).toList();
            Map<UUID, Decision> decisions =
                    ledger.find(orders.stream().map(Order::id).toList());
            List<Order> undecided = orders.stream()
                    .filter(order -> !decisions.containsKey(order.id()))
                    .toList();
            List<Ticket> tickets =
                    line.drawInTurn(undecided, maxWaiting).toCompletableFuture().join();
            if (tickets.size() < undecided.size()) {
                log.debug("the line is full: {} orders without a ticket wait", undecided.size() - tickets.size());
            }
            return arrived(begin(entries, decisions, tickets.iterator()));
        } catch (RuntimeException e) {
            failures.failed(describe(e));
            return 0;
        }
    }

    /** What is to be waited for, one step for each of the first entries. */
    private List<Runnable> begin(List<Entry> entries, Map<UUID, Decision> decisions, Iterator<Ticket> tickets) {
        List<Runnable> steps = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            Order order = entry.order();
            if (order == null) {
                // in its turn, or a retry of one before it would set it aside twice
                steps.add(() -> deadLetters.setAside(entry.record(), entry.problem()));
                continue;
            }
            Decision decision = decisions.get(order.id());
            if (decision == null && !tickets.hasNext()) {
                break;
            }
            CompletableFuture<Void> sent = decision != null
                    ? replies.send(decision, order.replyTo())
                    : topic.publish(entry.record(), order, tickets.next());
            steps.add(() -> arrive(sent, entry.record(), order));
            boolean brokerIsAway = sent.handle((done, failure) -> failure != null && !DeadLetters.isTooLarge(failure))
                    .getNow(false);
            if (brokerIsAway) {
                break; // each further try would block for its time
            }
        }
        return steps;
    }

    /**
     * Waits until the broker has the sent records. A record that a topic never takes releases its ticket, and is
     * dead-lettered.
     */
    private void arrive(CompletableFuture<Void> sent, ConsumerRecord<String, byte[]> record, Order order) {
        try {
            sent.join();
        } catch (CompletionException e) {
            if (!DeadLetters.isTooLarge(e)) {
                throw e;
            }
            line.cancel(order).toCompletableFuture().join();
            deadLetters.setAside(record, UnticketedTopic.TOO_LARGE);
        }
    }

    /** Waits for each step; returns how many ended, up to the first that did not. */
    private int arrived(List<Runnable> steps) {
        for (int i = 0; i < steps.size(); i++) {
            try {
                steps.get(i).run();
            } catch (RuntimeException e) {
                failures.failed(describe(e));
                return i;
            }
        }
        failures.succeeded();
        return steps.size();
    }

    private Entry read(ConsumerRecord<String, byte[]> record) {
        OrderRecords.Content content = records.read(record);
        return content instanceof OrderRecords.Content.Invalid invalid
                ? new Entry(record, null, invalid.reason())
                : new Entry(record, ((OrderRecords.Content.Valid) content).order(), "");
    }

    private void commit(Consumer<?, ?> consumer) {
        if (!uncommitted.isEmpty() && nanoTime.getAsLong() - committedAt >= COMMIT_INTERVAL.toNanos()) {
            committedAt = nanoTime.getAsLong();
            commit(consumer, Map.copyOf(uncommitted));
        }
    }

    private void commit(Consumer<?, ?> consumer, Map<TopicPartition, OffsetAndMetadata> wanted) {
        Map<TopicPartition, OffsetAndMetadata> committable = positions.toCommit(wanted);
        if (committable.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(committable, COMMIT_PATIENCE);
            committable.keySet().forEach(partition -> uncommitted.remove(partition, wanted.get(partition)));
        } catch (RebalanceInProgressException | CommitFailedException e) {
            log.info("offsets {} not committed in a rebalance; those orders may be delivered again", committable);
        } catch (KafkaException e) {
            log.warn("offsets {} not committed: {}; those orders may be delivered again", committable, e.toString());
        }
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        positions.assigned(consumer);
    }

    @Override
    public void onPartitionsRevokedBeforeCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> theirs = new HashMap<>(uncommitted);
        theirs.keySet().retainAll(partitions);
        commit(consumer, theirs);
        drop(partitions);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        drop(partitions);
    }

    private void drop(Collection<TopicPartition> partitions) {
        positions.drop(partitions);
        uncommitted.keySet().removeAll(partitions);
        pending.removeIf(record -> partitions.contains(partition(record)) && !ofEarlierTopic.contains(record));
    }

    private void madeAnew(Collection<TopicPartition> partitions) {
        uncommitted.keySet().removeAll(partitions);
        pending.stream()
                .filter(record -> partitions.contains(partition(record)))
                .forEach(ofEarlierTopic::add);
    }

    private static TopicPartition partition(ConsumerRecord<?, ?> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    private static String describe(Throwable failure) {
        return LedgerFailure.describe(AsyncFailures.cause(failure));
    }
}

package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.Parking;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.worker.reply.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.BatchConsumerAwareMessageListener;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/**
 * Parks what comes in on the topic of fair orders, and never waits for an order: the ticket at the head of the line may
 * be behind ten thousand parked ones in the same partition. All methods run on the consumer's thread.
 */
final class FairOrdersListener
        implements BatchConsumerAwareMessageListener<String, byte[]>, ConsumerAwareRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(FairOrdersListener.class);

    /** Orders that are parked in one script, so that none holds up Redis for long. */
    private static final int PARKED_AT_ONCE = 200;

    /** A commit costs the broker more than an order does. What it comes late for is at worst delivered again. */
    private static final long COMMIT_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final KeptOrders kept;
    private final LineHead head;
    private final DeadLetters deadLetters;
    private final OrphanWatch orphans;
    private final Runnable parked;
    private long lastCommit = System.nanoTime() - COMMIT_INTERVAL_NANOS;

    /**
     * Makes a listener.
     *
     * @param parked told whenever orders were parked
     */
    FairOrdersListener(KeptOrders kept, LineHead head, DeadLetters deadLetters, OrphanWatch orphans, Runnable parked) {
        this.kept = kept;
        this.head = head;
        this.deadLetters = deadLetters;
        this.orphans = orphans;
        this.parked = parked;
    }

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> records, @Nullable Consumer<?, ?> consumer) {
        for (ConsumerRecord<String, byte[]> record : records) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            try {
                kept.keep(partition, record.offset(), new Parking(OrderJson.readOrder(record.value()), ticket(record)));
            } catch (UnreadableMessageException | IllegalArgumentException e) {
                setAside(record, String.valueOf(e.getMessage()));
                kept.pass(partition, record.offset());
            }
        }
        if (consumer != null) {
            onPolled(consumer);
        }
    }

    /** Parks and commits what can be. Called after each batch and, by the container's idle events, in between. */
    void onPolled(Consumer<?, ?> consumer) {
        park();
        commit(consumer);
        orphans.look(consumer);
    }

    /** What can't be parked now stays kept and is tried again with the next poll. */
    private void park() {
        while (kept.hasUnparked()) {
            List<Parking> parkings = kept.takeUnparked(PARKED_AT_ONCE);
            try {
                head.park(parkings).toCompletableFuture().join();
            } catch (CompletionException e) {
                kept.putBackUnparked(parkings);
                log.warn("{} orders could not be parked and will be later: {}", parkings.size(), e.getMessage());
                return;
            }
            parked.run();
        }
    }

    private void setAside(ConsumerRecord<String, byte[]> record, String reason) {
        deadLetters.setAside(record, reason);
        if (record.headers().lastHeader(OrderTopics.HEADER_TICKET) != null) {
            head.remove(ticket(record)).toCompletableFuture().join();
        }
    }

    private static Ticket ticket(ConsumerRecord<String, byte[]> record) {
        Header header = record.headers().lastHeader(OrderTopics.HEADER_TICKET);
        if (header == null) {
            throw new IllegalArgumentException("no header " + OrderTopics.HEADER_TICKET
                    + ": send orders without a ticket to " + OrderTopics.FAIR_OPEN);
        }
        return Ticket.parse(new String(header.value(), StandardCharsets.UTF_8));
    }

    /** What is not committed now is with a later poll; a quiet consumer's idle events come at the same interval. */
    private void commit(Consumer<?, ?> consumer) {
        if (System.nanoTime() - lastCommit < COMMIT_INTERVAL_NANOS) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> positions = kept.committable();
        if (!positions.isEmpty()) {
            lastCommit = System.nanoTime();
            consumer.commitAsync(positions, (done, failure) -> {
                if (failure == null) {
                    kept.committed(done);
                } else {
                    log.debug("offsets {} not committed, they will be with the next: {}", done, failure.toString());
                }
            });
        }
    }

    @Override
    public void onPartitionsRevokedBeforeCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> positions = kept.committable(partitions);
        if (!positions.isEmpty()) {
            try {
                consumer.commitSync(positions);
            } catch (RebalanceInProgressException | CommitFailedException e) {
                log.info("offsets {} not committed in a rebalance; those orders will be delivered again", positions);
            } catch (KafkaException e) {
                log.warn("offsets {} not committed: {}; those orders will be delivered again", positions, e.toString());
            }
        }
        kept.drop(partitions);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        kept.drop(partitions);
    }
}

package dev.turnstile.worker.distributed;

import dev.turnstile.order.Order;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OffsetCommitter;
import dev.turnstile.worker.OrderBatchListener;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.reply.DeadLetters;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records of the topic of distributed orders for the decider, and commits up to the first order that is not
 * answered. It never waits for a lock or the ledger; it takes no more while many orders wait. All methods run on the
 * consumer's thread.
 */
final class DistributedOrdersListener implements OrderBatchListener {

    /** Orders that wait here at most, but for one poll. */
    private static final int MOST_WAITING = 4_000;

    private final OrderRecords records;
    private final InFlightOrders<Order> kept;
    private final TopicPositions positions;
    private final OffsetCommitter commits;
    private final DistributedDecider decider;
    private final DeadLetters deadLetters;
    private final DecisionTelemetry watch;

    DistributedOrdersListener(
            OrderRecords records,
            InFlightOrders<Order> kept,
            TopicPositions positions,
            DistributedDecider decider,
            DeadLetters deadLetters,
            DecisionTelemetry watch) {
        this.records = records;
        this.kept = kept;
        this.positions = positions;
        this.commits = new OffsetCommitter(kept, positions);
        this.decider = decider;
        this.deadLetters = deadLetters;
        this.watch = watch;
    }

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> batch, @Nullable Consumer<?, ?> consumer) {
        positions.polled(batch);
        for (ConsumerRecord<String, byte[]> record : batch) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            OrderRecords.Content content = records.read(record);
            if (content instanceof OrderRecords.Content.Invalid invalid) {
                deadLetters.setAside(record, invalid.reason());
                kept.pass(partition, record.offset());
            } else if (content instanceof OrderRecords.Content.Valid valid
                    && !kept.keep(partition, record.offset(), valid.order())) {
                watch.redelivered();
            }
        }
        decider.onKept();
        if (consumer != null) {
            onPolled(consumer);
        }
    }

    /** Commits what can be; after each batch, too. */
    @Override
    public void onPolled(Consumer<?, ?> consumer) {
        positions.lookNowAndThen(consumer);
        commits.commit(consumer);
        OrderBatchListener.setPaused(consumer, decider.waiting() >= MOST_WAITING);
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        positions.assigned(consumer);
    }

    @Override
    public void onPartitionsRevokedBeforeCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        commits.commitAndDrop(consumer, partitions);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        commits.drop(partitions);
    }
}

package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHead.Parked;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OffsetCommitter;
import dev.turnstile.worker.OrderBatchListener;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.OrderRecords.Content;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.unticketed.UnticketedTopic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parks what comes in on the topic of fair orders, and never waits for an order: the ticket at the head of the line may
 * be behind ten thousand parked ones in the same partition. It takes no more while Redis takes none, and while many
 * orders are to be looked up. All methods run on the consumer's thread.
 */
final class FairOrdersListener implements OrderBatchListener {

    private static final Logger log = LoggerFactory.getLogger(FairOrdersListener.class);

    /** Orders that are parked in one script, so that none holds up Redis for long. */
    private static final int PARKED_AT_ONCE = 500;

    private final FailureLog failures = new FailureLog(log, "parking orders");
    private final OrderRecords records;
    private final InFlightOrders<TicketedOrder> kept;
    private final TopicPositions positions;
    private final OffsetCommitter commits;
    private final LineHead head;
    private final DeadLetters deadLetters;
    private final UnticketedTopic unticketedTopic;
    private final OrphanTicketReaper orphans;
    private final DecisionTelemetry watch;
    private final Runnable parked;
    private final java.util.function.Consumer<List<TicketedOrder>> astray;
    private final BooleanSupplier behind;

    /**
     * Makes a listener.
     *
     * @param orphans looks after the positions, too
     * @param parked called whenever orders were parked
     * @param astray takes orders whose tickets are not in the line; does not block
     * @param behind whether so many of those wait that no more records should be polled
     */
    FairOrdersListener(
            OrderRecords records,
            InFlightOrders<TicketedOrder> kept,
            TopicPositions positions,
            LineHead head,
            DeadLetters deadLetters,
            UnticketedTopic unticketedTopic,
            OrphanTicketReaper orphans,
            DecisionTelemetry watch,
            Runnable parked,
            java.util.function.Consumer<List<TicketedOrder>> astray,
            BooleanSupplier behind) {
        this.records = records;
        this.kept = kept;
        this.positions = positions;
        this.commits = new OffsetCommitter(kept, positions);
        this.head = head;
        this.deadLetters = deadLetters;
        this.unticketedTopic = unticketedTopic;
        this.orphans = orphans;
        this.watch = watch;
        this.parked = parked;
        this.astray = astray;
        this.behind = behind;
    }

    @Override
    public void onMessage(List<ConsumerRecord<String, byte[]>> batch, @Nullable Consumer<?, ?> consumer) {
        positions.polled(batch);
        List<Content> contents = handOnOpen(batch);
        for (int i = 0; i < batch.size(); i++) {
            ConsumerRecord<String, byte[]> record = batch.get(i);
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            if (contents.get(i) instanceof Content.Valid valid && valid.ticket() != null) {
                if (!kept.keep(partition, record.offset(), new TicketedOrder(valid.order(), valid.ticket()))) {
                    watch.redelivered();
                }
                continue;
            }
            if (contents.get(i) instanceof Content.Invalid invalid) {
                setAside(record, invalid.reason());
            }
            kept.pass(partition, record.offset());
        }
        if (consumer != null) {
            onPolled(consumer);
        }
    }

    /**
     * Reads a batch, and hands on orders without a ticket; before anything of the batch is noted: if the broker does
     * not take it, the batch is delivered again. A record that it never takes is dead-lettered.
     */
    private List<Content> handOnOpen(List<ConsumerRecord<String, byte[]>> batch) {
        List<Content> contents = new ArrayList<>(batch.size());
        Map<Integer, CompletableFuture<Void>> sent = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : batch) {
            Content content = records.read(record);
            if (content instanceof Content.Valid valid && valid.ticket() == null) {
                sent.put(contents.size(), unticketedTopic.receive(record));
            }
            contents.add(content);
        }
        sent.forEach((place, sending) -> {
            try {
                sending.join();
            } catch (CompletionException e) {
                if (!DeadLetters.isTooLarge(e)) {
                    throw e;
                }
                contents.set(place, new Content.Invalid(UnticketedTopic.TOO_LARGE));
            }
        });
        return contents;
    }

    /** Parks and commits what can be; after each batch, too. */
    @Override
    public void onPolled(Consumer<?, ?> consumer) {
        park();
        commits.commit(consumer);
        // neither waits for an order to be decided: whatever is at the head of the line comes in
        OrderBatchListener.setPaused(consumer, kept.hasUntaken() || behind.getAsBoolean());
        orphans.look(consumer);
    }

    /** What can't be parked now stays kept and is tried again with the next poll. */
    private void park() {
        while (kept.hasUntaken()) {
            List<TicketedOrder> parkings = kept.take(PARKED_AT_ONCE);
            try {
                Parked result = head.park(parkings).toCompletableFuture().join();
                failures.succeeded();
                kept.index(result.parked());
                if (!result.different().isEmpty()) {
                    log.warn(
                            "{} orders differ in their lines from the ones with which their tickets were drawn, among them {}: the first lines count",
                            result.different().size(),
                            result.different().get(0).order().id());
                }
                if (!result.absent().isEmpty()) {
                    astray.accept(result.absent());
                }
            } catch (CompletionException e) {
                kept.putBack(parkings);
                failures.failed(parkings.size() + " orders, " + LedgerFailure.describe(e));
                return;
            }
            parked.run();
        }
    }

    /**
     * The ticket leaves the line only if it is that of the dead-lettered order: another's may be copied into any
     * record.
     */
    private void setAside(ConsumerRecord<String, byte[]> record, String reason) {
        Optional<UUID> orderId = deadLetters.setAside(record, reason);
        Optional<Ticket> ticket = records.ticket(record);
        if (orderId.isPresent() && ticket.isPresent()) {
            head.remove(ticket.get(), orderId.get()).toCompletableFuture().join();
        }
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

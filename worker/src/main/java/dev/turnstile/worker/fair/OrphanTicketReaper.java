package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHead.Drawn;
import dev.turnstile.line.LineHead.Moment;
import dev.turnstile.line.LineHead.Suspects;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.OrderLog;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Takes tickets out of the line that were drawn and will never be published, so that an API that dies between the two
 * does not block the line for good.
 *
 * <p>A suspect is no orphan yet: its record may be in the topic, not consumed so far. So once there are suspects, each
 * worker reads the end offsets of its partitions, and notifies the line when it has parked everything before them. When
 * all partitions that the broker has now have been seen past the moment since when a ticket is suspect, no worker can
 * consume it any more. Should its record arrive all the same, from an API that was only paused, the order is in the
 * line at its old ticket again and is decided as overtaken.
 *
 * <p>A line that lost its memory is made whole by the same notes: it gives no claims until all partitions have been
 * seen since, and what is kept here is added to it again.
 *
 * <p>Used on the consumer's thread alone.
 */
final class OrphanTicketReaper {

    private static final Logger log = LoggerFactory.getLogger(OrphanTicketReaper.class);
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(1);

    private final InFlightOrders<TicketedOrder> kept;
    private final TopicPositions positions;
    private final Function<Collection<TopicPartition>, Map<TopicPartition, Long>> endsOf;
    private final LineHead head;
    private final Ledger ledger;
    private final StrayOrderRecovery readmission;
    private final Runnable whole;
    private final Duration interval;
    private long lastLook = System.nanoTime();

    /** End offsets that are not reached yet, and when they were read; empty while they are not needed. */
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    private @Nullable Moment endsAsOf;

    /** As the topic was at the last look. */
    private TopicAdmin.@Nullable Topic known;

    /**
     * Makes a watch.
     *
     * @param positions in the topic of fair orders
     * @param endsOf returns where its partitions end, whether transactions are open or not
     * @param whole called when a line that lost its memory can be claimed from again
     * @param interval between two looks
     */
    OrphanTicketReaper(
            InFlightOrders<TicketedOrder> kept,
            TopicPositions positions,
            Function<Collection<TopicPartition>, Map<TopicPartition, Long>> endsOf,
            LineHead head,
            Ledger ledger,
            StrayOrderRecovery readmission,
            Runnable whole,
            Duration interval) {
        this.kept = kept;
        this.positions = positions;
        this.endsOf = endsOf;
        this.head = head;
        this.ledger = ledger;
        this.readmission = readmission;
        this.whole = whole;
        this.interval = interval;
    }

    /** Looks if it is time to. To be called often, with all records parked that were polled. */
    void look(Consumer<?, ?> consumer) {
        if (System.nanoTime() - lastLook < interval.toNanos()) {
            return;
        }
        lastLook = System.nanoTime();
        try {
            TopicAdmin.Topic before = positions.look(consumer);
            forgetEndsOfAnother(before);
            int partitions = before.partitions();
            Suspects suspects = head.suspects(partitions).toCompletableFuture().join();
            removeDecided(suspects.ofEarlierEpochs());
            if (suspects.count() == 0 && !suspects.rebuilding()) {
                ends.clear();
                return;
            }
            if (!positions.look(consumer).equals(before)) {
                return; // its record may be in a part that no worker has read yet
            }
            tellSeen(consumer, partitions, suspects.rebuilding());
            for (Drawn orphan : suspects.orphans()) {
                if (head.removeUnlessParked(orphan).toCompletableFuture().join()) {
                    OrderLog.about(
                                    log.atWarn(),
                                    orphan.orderId(),
                                    orphan.ticket().number())
                            .log(
                                    "ticket {} of order {} was never published: it left the line",
                                    orphan.ticket(),
                                    orphan.orderId());
                }
            }
            if (ends.isEmpty()) {
                endsAsOf = suspects.asOf();
                ends.putAll(endsOf.apply(consumer.assignment()));
            }
        } catch (CompletionException | KafkaException | DataAccessException e) {
            log.info("the check for orphans failed: {}", e.toString());
        }
    }

    private void forgetEndsOfAnother(TopicAdmin.Topic now) {
        TopicAdmin.Topic last = known;
        known = now;
        if (last != null && !last.id().equals(now.id())) {
            ends.clear();
        }
    }

    /** An older memory that came back does not know what was decided since; those orders are not parked again. */
    private void removeDecided(List<Drawn> drawn) {
        if (drawn.isEmpty()) {
            return;
        }
        Set<UUID> decided =
                ledger.find(drawn.stream().map(Drawn::orderId).toList()).keySet();
        drawn.stream()
                .filter(ticket -> decided.contains(ticket.orderId()))
                .forEach(ticket ->
                        head.removeUnlessParked(ticket).toCompletableFuture().join());
    }

    private void tellSeen(Consumer<?, ?> consumer, int partitions, boolean rebuilding) {
        ends.keySet().retainAll(consumer.assignment());
        Moment asOf = endsAsOf;
        if (ends.isEmpty() || asOf == null || kept.hasUntaken()) {
            return;
        }
        List<TopicPartition> reached = new ArrayList<>();
        ends.forEach((partition, end) -> {
            if (consumer.position(partition, KAFKA_PATIENCE) >= end) {
                reached.add(partition);
            }
        });
        if (reached.size() < ends.size()) {
            // one that lost its tail ends earlier now, and might never get that far again
            endsOf.apply(List.copyOf(ends.keySet())).forEach((partition, end) -> ends.merge(partition, end, Math::min));
        }
        if (reached.isEmpty()) {
            return;
        }
        if (rebuilding) {
            readmission.readmitAll(); // what was parked in the memory that was lost
        }
        List<Integer> consumed = reached.stream().map(TopicPartition::partition).toList();
        if (head.seen(consumed, asOf, partitions).toCompletableFuture().join()) {
            log.info("the line is complete again");
            whole.run();
        }
        reached.forEach(ends::remove);
    }
}

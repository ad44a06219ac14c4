package dev.turnstile.worker;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits how far the orders that a listener keeps have got. Used on the consumer's thread alone. */
public final class OffsetCommitter {

    private static final Logger log = LoggerFactory.getLogger(OffsetCommitter.class);

    /** A commit costs the broker more than an order does. Records for which it is late are at worst redelivered. */
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final InFlightOrders<?> kept;
    private final TopicPositions positions;
    private long lastCommit = System.nanoTime() - INTERVAL_NANOS;

    /**
     * Commits for the orders kept there.
     *
     * @param positions of the same consumer
     */
    public OffsetCommitter(InFlightOrders<?> kept, TopicPositions positions) {
        this.kept = kept;
        this.positions = positions;
    }

    /** Commits what can be, but not too often: to be called with each poll, and by a quiet consumer's idle events. */
    public void commit(Consumer<?, ?> consumer) {
        if (System.nanoTime() - lastCommit < INTERVAL_NANOS) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> committable = positions.toCommit(kept.committable());
        if (!committable.isEmpty()) {
            lastCommit = System.nanoTime();
            long generation = kept.generation();
            consumer.commitAsync(committable, (done, failure) -> {
                if (failure == null) {
                    kept.committed(done, generation);
                } else {
                    log.debug("offsets {} not committed, they will be with the next: {}", done, failure.toString());
                }
            });
        }
    }

    /** Commits what can be of partitions that another worker gets, and keeps nothing of them. */
    public void commitAndDrop(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> committable = positions.toCommit(kept.committable(partitions));
        if (!committable.isEmpty()) {
            try {
                consumer.commitSync(committable);
            } catch (RebalanceInProgressException | CommitFailedException e) {
                log.info("offsets {} not committed in a rebalance; those orders will be delivered again", committable);
            } catch (KafkaException e) {
                log.warn(
                        "offsets {} not committed: {}; those orders will be delivered again",
                        committable,
                        e.toString());
            }
        }
        drop(partitions);
    }

    /** Keeps nothing of partitions that another worker has by now. */
    public void drop(Collection<TopicPartition> partitions) {
        positions.drop(partitions);
        kept.drop(partitions);
    }
}

package dev.turnstile.worker;

import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/**
 * Notes when a consumer has joined its group, even if no partition was left for it, and hands all on. A consumer that
 * stays without a partition is reported: more workers than partitions add no throughput.
 */
final class GroupJoinListener implements ConsumerAwareRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(GroupJoinListener.class);

    /** A consumer that has just joined gets its partitions in a second round. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String topic;
    private final ConsumerAwareRebalanceListener next;
    private final LongSupplier nanoTime;
    private volatile boolean joined;

    // used on the consumer's thread alone
    private long assignedSince;
    private boolean reported;

    GroupJoinListener(String topic, ConsumerAwareRebalanceListener next, LongSupplier nanoTime) {
        this.topic = topic;
        this.next = next;
        this.nanoTime = nanoTime;
    }

    /** Reports a consumer that has been without a partition for a while; to be called now and then. */
    void look(Consumer<?, ?> consumer) {
        boolean idle = consumer.assignment().isEmpty();
        if (!joined || idle == reported) {
            return;
        }
        if (!idle) {
            reported = false;
            log.info("this worker has a partition of {} again", topic);
        } else if (nanoTime.getAsLong() - assignedSince > PATIENCE.toNanos()) {
            reported = true;
            log.warn(
                    "this worker is idle: no partition of {} is left for it, as there are more workers than its {}"
                            + " partitions; start fewer, or give the topic more (turnstile.kafka.partitions)",
                    topic,
                    consumer.partitionsFor(topic).size());
        }
    }

    boolean joined() {
        return joined;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        next.onPartitionsAssigned(consumer, partitions);
        assignedSince = nanoTime.getAsLong();
        joined = true;
    }

    @Override
    public void onPartitionsRevokedBeforeCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        next.onPartitionsRevokedBeforeCommit(consumer, partitions);
    }

    @Override
    public void onPartitionsRevokedAfterCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        next.onPartitionsRevokedAfterCommit(consumer, partitions);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        next.onPartitionsLost(consumer, partitions);
    }
}

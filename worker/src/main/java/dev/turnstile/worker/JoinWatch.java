package dev.turnstile.worker;

import java.util.Collection;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/** Notes when a consumer has joined its group, even if no partition was left for it, and hands all on. */
final class JoinWatch implements ConsumerAwareRebalanceListener {

    private final ConsumerAwareRebalanceListener next;
    private volatile boolean joined;

    JoinWatch(ConsumerAwareRebalanceListener next) {
        this.next = next;
    }

    boolean joined() {
        return joined;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        next.onPartitionsAssigned(consumer, partitions);
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

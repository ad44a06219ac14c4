package dev.turnstile.worker;

import org.apache.kafka.clients.consumer.Consumer;
import org.springframework.kafka.listener.BatchConsumerAwareMessageListener;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

/**
 * A listener that commits offsets itself, when its orders have got as far as it wants. Called on the consumer's thread
 * alone.
 */
public interface OrderBatchListener
        extends BatchConsumerAwareMessageListener<String, byte[]>, ConsumerAwareRebalanceListener {

    /** Nothing came for {@link OrderContainers#POLL_TIMEOUT}: goes on with what is there, and commits what can be. */
    void onPolled(Consumer<?, ?> consumer);

    /** Pauses a consumer, also for partitions that arrived in a rebalance since; or resumes it. */
    static void setPaused(Consumer<?, ?> consumer, boolean paused) {
        if (paused) {
            consumer.pause(consumer.assignment());
        } else if (!consumer.paused().isEmpty()) {
            consumer.resume(consumer.paused());
        }
    }
}

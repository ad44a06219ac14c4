package dev.turnstile.worker;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.springframework.context.event.EventListener;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.event.ConsumerStoppedEvent;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.stereotype.Component;
import org.springframework.util.backoff.FixedBackOff;

/** Makes the containers that consume orders; each topic has a consumer group of its own. */
@Component
public class OrderContainers {

    /** How long one poll waits, and so how often a quiet consumer's thread gets to commit. */
    public static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

    private final ConsumerFactory<String, byte[]> consumers;
    private final VitalThreads threads;
    private final Map<ConcurrentMessageListenerContainer<String, byte[]>, Consumption> consumptions =
            new ConcurrentHashMap<>();

    private record Consumption(OrderBatchListener listener, GroupJoinListener watch) {}

    OrderContainers(ConsumerFactory<String, byte[]> consumers, VitalThreads threads) {
        this.consumers = consumers;
        this.threads = threads;
    }

    /**
     * A container that starts with the application, for a listener that commits offsets itself; the container commits
     * nothing, and lets it work while nothing comes in. A batch whose listener throws is delivered again, for as long
     * as it takes: no order is given up because a server is down.
     *
     * @param id of the container; with a prefix also the name of the consumer group
     * @param topic what to consume
     */
    public ConcurrentMessageListenerContainer<String, byte[]> container(
            String id, String topic, OrderBatchListener listener) {
        GroupJoinListener watch = new GroupJoinListener(topic, listener, System::nanoTime);
        ContainerProperties properties = new ContainerProperties(topic);
        properties.setGroupId("turnstile." + id);
        properties.setMessageListener(listener);
        properties.setPollTimeout(POLL_TIMEOUT.toMillis());
        properties.setIdleEventInterval(POLL_TIMEOUT.toMillis());
        properties.setAckMode(ContainerProperties.AckMode.MANUAL);
        properties.setConsumerRebalanceListener(watch);
        ConcurrentMessageListenerContainer<String, byte[]> container =
                new ConcurrentMessageListenerContainer<>(consumers, properties);
        container.setBeanName(id);
        container.setCommonErrorHandler(
                new DefaultErrorHandler(new FixedBackOff(RETRY_INTERVAL.toMillis(), FixedBackOff.UNLIMITED_ATTEMPTS)));
        consumptions.put(container, new Consumption(listener, watch));
        return container;
    }

    /** The containers publish these events on their consumers' threads. */
    @EventListener
    void onIdle(ListenerContainerIdleEvent event) {
        Consumption consumption = consumptions.get(event.getContainer(ConcurrentMessageListenerContainer.class));
        if (consumption != null) {
            consumption.listener().onPolled(event.getConsumer());
            consumption.watch().look(event.getConsumer());
        }
    }

    /** A consumer that ended by itself, by an {@link Error} or as it may not read any more, does not come back. */
    @EventListener
    void onStopped(ConsumerStoppedEvent event) {
        ConcurrentMessageListenerContainer<?, ?> container =
                event.getContainer(ConcurrentMessageListenerContainer.class);
        if (event.getReason() != ConsumerStoppedEvent.Reason.NORMAL && consumptions.containsKey(container)) {
            threads.died(container.getBeanName() + "-consumer (" + event.getReason() + ")", null);
        }
    }

    boolean allJoined() {
        return consumptions.entrySet().stream()
                .allMatch(entry -> entry.getKey().isRunning()
                        && entry.getKey().isInExpectedState()
                        && entry.getValue().watch().joined());
    }

    /** How many partitions each consumer has. */
    Map<String, Integer> partitions() {
        Map<String, Integer> counts = new TreeMap<>();
        for (ConcurrentMessageListenerContainer<String, byte[]> container : consumptions.keySet()) {
            Collection<TopicPartition> assigned = container.getAssignedPartitions();
            counts.put(String.valueOf(container.getBeanName()), assigned == null ? 0 : assigned.size());
        }
        return counts;
    }
}

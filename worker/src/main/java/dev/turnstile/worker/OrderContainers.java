package dev.turnstile.worker;

import java.time.Duration;
import org.springframework.kafka.core.ConsumerFactory;
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

    OrderContainers(ConsumerFactory<String, byte[]> consumers) {
        this.consumers = consumers;
    }

    /**
     * A container that starts with the application. A batch whose listener throws is delivered again, for as long as it
     * takes: no order is given up because a server is away.
     *
     * @param id of the container; with a prefix also the name of the consumer group
     * @param topic what to consume
     * @param listener gets each batch
     */
    public ConcurrentMessageListenerContainer<String, byte[]> container(String id, String topic, Object listener) {
        ContainerProperties properties = new ContainerProperties(topic);
        properties.setGroupId("turnstile." + id);
        properties.setMessageListener(listener);
        properties.setPollTimeout(POLL_TIMEOUT.toMillis());
        ConcurrentMessageListenerContainer<String, byte[]> container =
                new ConcurrentMessageListenerContainer<>(consumers, properties);
        container.setBeanName(id);
        container.setCommonErrorHandler(
                new DefaultErrorHandler(new FixedBackOff(RETRY_INTERVAL.toMillis(), FixedBackOff.UNLIMITED_ATTEMPTS)));
        return container;
    }
}

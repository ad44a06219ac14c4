package dev.turnstile.worker.open;

import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.kafka.event.ListenerContainerIdleEvent;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;

@Configuration(proxyBeanMethods = false)
class OpenConfiguration {

    private static final String LISTENER_ID = "open";

    @Bean
    OpenOrdersListener openOrdersListener(
            TicketLine line,
            LineProperties properties,
            WorkerProperties worker,
            Ledger ledger,
            OpenTopic topic,
            Replies replies,
            DeadLetters deadLetters) {
        int maxWaiting = Math.min(worker.openMaxWaiting(), properties.maxWaiting());
        return new OpenOrdersListener(line, maxWaiting, ledger, topic, replies, deadLetters, System::nanoTime);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> openContainer(
            OrderContainers containers, OpenOrdersListener listener) {
        ConcurrentMessageListenerContainer<String, byte[]> container =
                containers.container(LISTENER_ID, OrderTopics.FAIR_OPEN, listener, listener);
        ContainerProperties properties = container.getContainerProperties();
        // our own positions are committed, by the listener; the container itself commits nothing
        properties.setAckMode(ContainerProperties.AckMode.MANUAL);
        properties.setIdleEventInterval(OrderContainers.POLL_TIMEOUT.toMillis());
        Properties consumer = new Properties();
        consumer.setProperty(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.toString(OpenOrdersListener.MOST_AT_ONCE));
        properties.setKafkaConsumerProperties(consumer);
        return container;
    }

    @Bean
    OpenIdleWork openIdleWork(OpenOrdersListener listener) {
        return new OpenIdleWork(listener);
    }

    /** Goes on while nothing comes in. The container publishes these events on the consumer's thread. */
    record OpenIdleWork(OpenOrdersListener listener) {

        @EventListener(condition = "#event.listenerId.startsWith('" + LISTENER_ID + "')")
        void onIdle(ListenerContainerIdleEvent event) {
            listener.onPolled(event.getConsumer());
        }
    }
}

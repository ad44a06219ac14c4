package dev.turnstile.worker.unticketed;

import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.ReplySender;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

@Configuration(proxyBeanMethods = false)
class UnticketedConfiguration {

    @Bean
    UnticketedOrdersListener unticketedOrdersListener(
            OrderRecords records,
            TicketLine line,
            LineProperties properties,
            WorkerProperties worker,
            Ledger ledger,
            TopicAdmin topics,
            UnticketedTopic topic,
            ReplySender replies,
            DeadLetters deadLetters) {
        int maxWaiting = Math.min(worker.openMaxWaiting(), properties.maxWaiting());
        return new UnticketedOrdersListener(
                records,
                () -> topics.topic(OrderTopics.FAIR_OPEN),
                line,
                maxWaiting,
                ledger,
                topic,
                replies,
                deadLetters,
                System::nanoTime);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> openContainer(
            OrderContainers containers, UnticketedOrdersListener listener) {
        ConcurrentMessageListenerContainer<String, byte[]> container =
                containers.container("open", OrderTopics.FAIR_OPEN, listener);
        Properties consumer = new Properties();
        consumer.setProperty(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.toString(UnticketedOrdersListener.MOST_AT_ONCE));
        container.getContainerProperties().setKafkaConsumerProperties(consumer);
        return container;
    }
}

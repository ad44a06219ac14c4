package dev.turnstile.order;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * Declares every topic as a bean, so that spring-kafka's {@code KafkaAdmin} makes the missing ones when an application
 * starts, before anything is sent or read. API and worker both import it: whichever starts first makes them.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TopicProperties.class)
@Import(TopicConfiguration.Topics.class)
public class TopicConfiguration {

    /** The names of all topics: those with orders, their dead letters, the replies, and the installation. */
    static Stream<String> names() {
        return Stream.of(
                        OrderTopics.OF_ORDERS.stream(),
                        OrderTopics.OF_ORDERS.stream().map(topic -> topic + OrderTopics.DEAD_LETTER_SUFFIX),
                        Stream.of(OrderTopics.REPLIES, OrderTopics.INSTALLATION))
                .flatMap(topics -> topics);
    }

    static NewTopic topic(String name, TopicProperties properties) {
        Optional<Short> replication =
                properties.replication() == -1 ? Optional.empty() : Optional.of(properties.replication());
        if (name.equals(OrderTopics.INSTALLATION)) {
            return new NewTopic(name, Optional.of(1), replication)
                    .configs(Map.of(
                            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
                            TopicConfig.RETENTION_MS_CONFIG, "-1",
                            TopicConfig.RETENTION_BYTES_CONFIG, "-1"));
        }
        NewTopic topic = new NewTopic(name, Optional.of(properties.partitions()), replication);
        Duration retention = retention(name, properties);
        return retention.isZero()
                ? topic
                : topic.configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis())));
    }

    private static Duration retention(String name, TopicProperties properties) {
        if (name.endsWith(OrderTopics.DEAD_LETTER_SUFFIX)) {
            return properties.deadLetterRetention();
        }
        return name.equals(OrderTopics.REPLIES) ? properties.replyRetention() : properties.orderRetention();
    }

    static final class Topics implements BeanRegistrar {

        @Override
        public void register(BeanRegistry registry, Environment environment) {
            names().forEach(name -> registry.registerBean(
                    name,
                    NewTopic.class,
                    spec -> spec.supplier(context -> topic(name, context.bean(TopicProperties.class)))));
        }
    }
}

package dev.turnstile.order;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
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

    private static final List<String> ORDER_TOPICS =
            List.of(OrderTopics.DISTRIBUTED, OrderTopics.FAIR, OrderTopics.FAIR_OPEN);

    /** The names of all topics: those with orders, their dead letters, and the replies. */
    static Stream<String> names() {
        return Stream.of(
                        ORDER_TOPICS.stream(),
                        ORDER_TOPICS.stream().map(topic -> topic + OrderTopics.DEAD_LETTER_SUFFIX),
                        Stream.of(OrderTopics.REPLIES))
                .flatMap(topics -> topics);
    }

    static NewTopic topic(String name, TopicProperties properties) {
        Optional<Short> replication =
                properties.replication() == -1 ? Optional.empty() : Optional.of(properties.replication());
        return new NewTopic(name, Optional.of(properties.partitions()), replication);
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

package dev.turnstile.api.order;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.order.TopicConfiguration;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.InstallationTopicConfiguration;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.trace.TraceConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.ProducerListener;

/** Orders to Kafka, and outcomes from it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FairProperties.class)
@Import({TopicConfiguration.class, InstallationTopicConfiguration.class, TraceConfiguration.class})
class KafkaConfiguration {

    @Bean
    ReplyReader replies(
            ConsumerFactory<String, byte[]> consumers,
            ApiProperties properties,
            WaitingRequests waiting,
            OrderStreams streams,
            StockAdmission door,
            AnswerMetrics watch,
            OrderSpans spans) {
        ReplyReader.Receiver receiver = (decision, before) -> {
            watch.replied(waiting.awaits(decision.orderId()));
            waiting.decided(decision, before);
            streams.decided(decision);
            door.decided(decision);
        };
        return new ReplyReader(consumers, properties.instance(), receiver, spans);
    }

    @Bean
    KafkaOrderPublisher orderPublisher(
            KafkaTemplate<String, byte[]> kafka,
            Installation installation,
            FairProperties fair,
            ApiProperties properties,
            WaitingRequests waiting) {
        return new KafkaOrderPublisher(
                kafka,
                installation,
                fair.partitionKey(),
                properties.maxWaitingRequests(),
                waiting::count,
                properties.gatherLimit());
    }

    /** Silent: the default logs whole orders with a trace; {@link OrderIntake} logs each failure in one line. */
    @Bean
    ProducerListener<Object, Object> producerListener() {
        return new ProducerListener<>() {};
    }
}

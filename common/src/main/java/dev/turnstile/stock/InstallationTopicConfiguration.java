package dev.turnstile.stock;

import dev.turnstile.startup.InstallationTopic;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;

/** The comparison of the brokers' installation with the ledger's, for each application that reads or sends orders. */
@Configuration(proxyBeanMethods = false)
public class InstallationTopicConfiguration {

    @Bean
    InstallationTopic installationTopic(
            Installation installation,
            KafkaProperties kafka,
            ConsumerFactory<String, byte[]> consumers,
            ProducerFactory<String, byte[]> producers) {
        return new InstallationTopic(
                String.join(",", kafka.getBootstrapServers()),
                installation.id(),
                consumers::createConsumer,
                producers::createProducer);
    }
}

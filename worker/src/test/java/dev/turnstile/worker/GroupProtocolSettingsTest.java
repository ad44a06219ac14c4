package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.kafka.core.ConsumerFactory;

/** Consumers are made, with the settings of this application; no broker is needed for that. */
class GroupProtocolSettingsTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withInitializer(new ConfigDataApplicationContextInitializer())
            .withConfiguration(AutoConfigurations.of(KafkaAutoConfiguration.class))
            .withBean(GroupProtocolSettings.class)
            .withPropertyValues("spring.kafka.bootstrap-servers=127.0.0.1:1");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.kafka.consumer.properties[group.protocol]=consumer",
                "spring.kafka.consumer.properties[group.protocol]=CONSUMER",
                "spring.kafka.properties[group.protocol]=consumer",
            })
    void aConsumerOfTheNewProtocolIsGivenNothingThatOnlyTheClassicOneKnows(String property) {
        application.withPropertyValues(property).run(context -> {
            ConsumerFactory<?, ?> factory = context.getBean(ConsumerFactory.class);
            try (Consumer<?, ?> consumer = factory.createConsumer("turnstile.fair", "test")) {
                assertThat(consumer.assignment()).isEmpty();
            }
        });
    }

    @Test
    void theClassicProtocolKeepsThem() {
        application.run(context -> {
            ConsumerFactory<?, ?> factory = context.getBean(ConsumerFactory.class);
            assertThat(factory.getConfigurationProperties().keySet())
                    .contains("heartbeat.interval.ms", "session.timeout.ms", "partition.assignment.strategy");
        });
    }
}

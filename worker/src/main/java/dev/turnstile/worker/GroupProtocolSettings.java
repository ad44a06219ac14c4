package dev.turnstile.worker;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaConsumerFactoryCustomizer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.stereotype.Component;

/**
 * Takes away what only the classic group protocol knows, if {@code group.protocol=consumer} (KIP-848): the broker
 * decides it there, and a consumer that is given it all the same ends with an error.
 */
@Component
final class GroupProtocolSettings implements DefaultKafkaConsumerFactoryCustomizer {

    private static final Logger log = LoggerFactory.getLogger(GroupProtocolSettings.class);

    private static final List<String> CLASSIC = List.of(
            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);

    @Override
    public void customize(DefaultKafkaConsumerFactory<?, ?> factory) {
        Object protocol = factory.getConfigurationProperties().get(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        if (protocol == null || !GroupProtocol.CONSUMER.name().equalsIgnoreCase(protocol.toString())) {
            return;
        }
        CLASSIC.forEach(factory::removeConfig);
        log.info("the broker decides {} with {}={}", CLASSIC, ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol);
    }
}

package dev.turnstile.worker.unticketed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.kafka.core.KafkaTemplate;

/** Records are handed on unchanged. */
class UnticketedTopicTest {

    /** A record of 64 KiB is right; with a byte more it would be refused where it comes then. */
    @Test
    void aRecordWithoutATicketDoesNotGrowOnItsWayToWhereOneIsDrawn() {
        KafkaTemplate<String, byte[]> kafka = mock();
        ArgumentCaptor<ProducerRecord<String, byte[]>> sent = ArgumentCaptor.captor();
        when(kafka.send(sent.capture())).thenReturn(CompletableFuture.completedFuture(null));
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(OrderTopics.FAIR, 0, 0, null, new byte[] {1, 2});
        record.headers().add("mine", new byte[] {3}).add(OrderTopics.HEADER_TICKET, "7".getBytes(UTF_8));
        assertThat(new UnticketedTopic(kafka, new Installation(UUID.randomUUID(), new byte[32])).receive(record))
                .isCompleted();
        ProducerRecord<String, byte[]> copy = sent.getValue();
        assertThat(copy.topic()).isEqualTo(OrderTopics.FAIR_OPEN);
        assertThat(copy.key()).isNull();
        assertThat(copy.value()).isEqualTo(record.value());
        assertThat(copy.headers()).isEqualTo(new RecordHeaders().add("mine", new byte[] {3}));
    }

    /** As text of UTF-8 most of its bytes would become three others. */
    @Test
    void aKeyOfAnyBytesIsTheSameOnTheOtherTopic() {
        byte[] key = new byte[10_000];
        new Random(1).nextBytes(key);
        try (StringDeserializer reader = new StringDeserializer();
                StringSerializer writer = new StringSerializer()) {
            reader.configure(settings("spring.kafka.consumer.properties."), true);
            writer.configure(settings("spring.kafka.producer.properties."), true);
            assertThat(writer.serialize("any", reader.deserialize("any", key))).isEqualTo(key);
        }
    }

    /** Those with which a worker starts. */
    private static Map<String, Object> settings(String prefix) {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new ClassPathResource("application.yaml"));
        Properties properties = requireNonNull(yaml.getObject());
        Map<String, Object> settings = new HashMap<>();
        properties.forEach((name, value) -> {
            if (name.toString().startsWith(prefix)) {
                settings.put(name.toString().substring(prefix.length()), value);
            }
        });
        return settings;
    }
}

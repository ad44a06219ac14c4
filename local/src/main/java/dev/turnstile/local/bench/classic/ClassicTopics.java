package dev.turnstile.local.bench.classic;

import dev.turnstile.order.Mode;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The topics of the classic way, and what its clients of Kafka have in common. */
final class ClassicTopics {

    static final String FAIR = "classic.fair";
    static final String DISTRIBUTED = "classic.distributed";
    static final String REPLIES = "classic.replies";

    private static final long PATIENCE_SECONDS = 30;

    /** Partitions that another process has just added must be seen soon. */
    private static final int METADATA_AGE_MS = 2_000;

    private ClassicTopics() {}

    static String of(Mode mode) {
        return switch (mode) {
            case FAIR -> FAIR;
            case DISTRIBUTED -> DISTRIBUTED;
        };
    }

    /**
     * Makes the topics that are missing, and adds partitions where there are fewer.
     *
     * @param partitions of the topics with orders; the replies have one, which every server reads
     */
    static void make(String kafka, int partitions) throws InterruptedException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka))) {
            for (String topic : List.of(FAIR, DISTRIBUTED)) {
                make(admin, topic, partitions);
            }
            make(admin, REPLIES, 1);
        }
    }

    private static void make(Admin admin, String topic, int partitions) throws InterruptedException {
        try {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) -1)))
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException("can't create the topic " + topic, e.getCause());
            }
            widen(admin, topic, partitions);
        } catch (TimeoutException e) {
            throw new IllegalStateException("can't create the topic " + topic, e);
        }
    }

    private static void widen(Admin admin, String topic, int partitions) throws InterruptedException {
        try {
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
                    .all()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            // It has as many or more.
            if (!(e.getCause() instanceof InvalidPartitionsException)) {
                throw new IllegalStateException("can't add partitions to the topic " + topic, e.getCause());
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("can't add partitions to the topic " + topic, e);
        }
    }

    /** Waits for all replicas, and sends what gathers while one request is on its way, as Turnstile's producers do. */
    static KafkaProducer<String, byte[]> producer(String kafka) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
        properties.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    static Properties consumerProperties(String kafka) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
        properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, METADATA_AGE_MS);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return properties;
    }
}

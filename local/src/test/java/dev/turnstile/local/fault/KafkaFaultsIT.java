package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.server.SharedStack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a topic of two partitions, with five records of the timestamps 1 to 5 in each. */
class KafkaFaultsIT {

    private static final int PARTITIONS = 2;
    private static final int RECORDS = 5;

    private final String topic = "fault-kit-" + UUID.randomUUID();
    private final String group = topic + "-group";
    private String servers;
    private Admin admin;
    private KafkaFaults faults;

    @BeforeEach
    void publish() throws Exception {
        servers = SharedStack.get().addresses().kafka();
        admin = Admin.create(Map.of("bootstrap.servers", servers));
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
        faults = new KafkaFaults(servers);
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            for (int i = 1; i <= RECORDS; i++) {
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    RecordHeaders headers = new RecordHeaders();
                    headers.add("order-id", ("id" + i).getBytes(StandardCharsets.US_ASCII));
                    producer.send(new ProducerRecord<>(
                                    topic, partition, (long) i, "key" + i, "value" + i + "/" + partition, headers))
                            .get(20, TimeUnit.SECONDS);
                }
            }
        }
    }

    @AfterEach
    void remove() throws Exception {
        faults.close();
        admin.deleteTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS);
        admin.close();
    }

    private KafkaConsumer<String, String> join() {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    private static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            return records.size() >= count;
        });
        return records;
    }

    @Test
    void aRewoundGroupGetsRecordsAgain() {
        try (KafkaConsumer<String, String> consumer = join()) {
            poll(consumer, PARTITIONS * RECORDS);
            consumer.commitSync();
            assertThatThrownBy(() -> faults.rewind(group, topic, 2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("stop its members");
        }

        assertThat(faults.rewind(group, topic, 2)).isEqualTo(4);

        try (KafkaConsumer<String, String> consumer = join()) {
            assertThat(poll(consumer, 4))
                    .extracting(ConsumerRecord::value)
                    .containsExactlyInAnyOrder("value4/0", "value5/0", "value4/1", "value5/1");
        }
        assertThat(faults.rewind(group, topic, 1000)).as("all that there is").isEqualTo(6);
    }

    @Test
    void theLastRecordsComeAgainAsTheyAre() {
        assertThat(faults.duplicate(topic, 4)).isEqualTo(4);

        try (KafkaConsumer<String, String> consumer = join()) {
            List<ConsumerRecord<String, String>> records = poll(consumer, PARTITIONS * RECORDS + 4);
            assertThat(records).hasSize(PARTITIONS * RECORDS + 4);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int number = partition;
                List<ConsumerRecord<String, String>> again = records.stream()
                        .filter(record -> record.partition() == number && record.offset() >= RECORDS)
                        .toList();
                assertThat(again)
                        .extracting(ConsumerRecord::value)
                        .containsExactly("value4/" + number, "value5/" + number);
                for (ConsumerRecord<String, String> copy : again) {
                    ConsumerRecord<String, String> original = records.stream()
                            .filter(record -> record.value().equals(copy.value()) && record.offset() < RECORDS)
                            .findFirst()
                            .orElseThrow();
                    assertThat(copy.key()).isEqualTo(original.key());
                    assertThat(copy.headers()).isEqualTo(original.headers());
                    assertThat(copy.timestamp()).isEqualTo(original.timestamp());
                }
            }
        }
        assertThat(faults.duplicate(topic, 1000)).as("all that there is").isEqualTo(PARTITIONS * RECORDS + 4);
    }

    @Test
    void recordsOfAbortedTransactionsDoNotComeAgain() throws Exception {
        try (KafkaProducer<String, String> aborting = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "transactional.id", topic),
                new StringSerializer(),
                new StringSerializer())) {
            aborting.initTransactions();
            aborting.beginTransaction();
            aborting.send(new ProducerRecord<>(topic, 0, (long) RECORDS + 1, "key", "aborted"))
                    .get(20, TimeUnit.SECONDS);
            aborting.abortTransaction();
        }

        assertThat(faults.duplicate(topic, 2)).isEqualTo(2);

        try (KafkaConsumer<String, String> consumer = join()) {
            assertThat(poll(consumer, PARTITIONS * RECORDS + 3))
                    .extracting(ConsumerRecord::value)
                    .containsOnlyOnce("aborted")
                    .hasSize(PARTITIONS * RECORDS + 3);
        }
    }
}

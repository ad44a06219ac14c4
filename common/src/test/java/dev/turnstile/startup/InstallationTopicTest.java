package dev.turnstile.startup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class InstallationTopicTest {

    private static final TopicPartition PARTITION = new TopicPartition("orders.installation", 0);

    private final UUID ours = UUID.randomUUID();
    /** The topic. */
    private final List<String> written = new ArrayList<>();
    /** What others write just before us. */
    private final List<String> faster = new ArrayList<>();
    /** How many requests for the topic a broker still answers that it does not know it. */
    private final AtomicInteger unknown = new AtomicInteger();

    @Test
    void theFirstProcessWritesItsInstallation() {
        check();
        assertThat(written).containsExactly(ours.toString());
        check();
        assertThat(written).as("once").hasSize(1);
    }

    @Test
    void whoWritesAtTheSameTimeGoesByTheFirst() {
        faster.add(ours.toString());
        check();
        assertThat(written).hasSize(2);

        written.clear();
        UUID other = UUID.randomUUID();
        faster.add(other.toString());
        assertThatThrownBy(this::check)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("belongs to installation " + other);
    }

    @Test
    void brokersOfAnotherInstallationAreOneLineThatNamesBothAndTheRemedy() {
        UUID other = UUID.randomUUID();
        written.add(other.toString());
        assertThatThrownBy(this::check)
                .isInstanceOf(StartupException.class)
                .hasMessage("Kafka at broker:9092 (spring.kafka.bootstrap-servers) belongs to installation " + other
                        + ", and the ledger (spring.datasource.url) to installation " + ours
                        + ": name a server of this installation; or, if its ledger was replaced and no order that waits"
                        + " there is needed, delete its topics that begin with orders., which are made anew");
        assertThat(written).hasSize(1);
    }

    @Test
    void aTopicThatTheBrokerLearnsOfLateIsWaitedFor() {
        unknown.set(2);
        check();
        assertThat(written).containsExactly(ours.toString());
        assertThat(unknown).hasValue(0);
    }

    @Test
    void aMissingTopicIsOneLineThatSaysHowToMakeIt() {
        unknown.set(Integer.MAX_VALUE);
        assertThatThrownBy(this::check)
                .isInstanceOf(StartupException.class)
                .hasMessage(
                        "Kafka at broker:9092 (spring.kafka.bootstrap-servers) has no topic orders.installation: let"
                                + " this account make topics, or make it with one partition and without a retention time");
        assertThat(written).isEmpty();
    }

    private void check() {
        new InstallationTopic("broker:9092", ours, this::consumer, this::producer).start();
    }

    private MockConsumer<String, byte[]> consumer() {
        MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest") {
            @Override
            public synchronized List<PartitionInfo> partitionsFor(String topic, Duration timeout) {
                return unknown.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                        ? List.of()
                        : super.partitionsFor(topic, timeout);
            }

            @Override
            public synchronized void seekToBeginning(java.util.Collection<TopicPartition> partitions) {
                super.seekToBeginning(partitions);
                updateEndOffsets(Map.of(PARTITION, (long) written.size()));
                for (int offset = 0; offset < written.size(); offset++) {
                    addRecord(new ConsumerRecord<>(
                            PARTITION.topic(),
                            0,
                            offset,
                            "installation",
                            written.get(offset).getBytes(UTF_8)));
                }
            }
        };
        consumer.updatePartitions(
                PARTITION.topic(), List.of(new PartitionInfo(PARTITION.topic(), 0, Node.noNode(), null, null)));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        return consumer;
    }

    private MockProducer<String, byte[]> producer() {
        return new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()) {
            @Override
            public synchronized Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) {
                written.addAll(faster);
                faster.clear();
                written.add(new String(record.value(), UTF_8));
                return super.send(record);
            }
        };
    }
}

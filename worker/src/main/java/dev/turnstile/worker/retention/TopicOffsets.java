package dev.turnstile.worker.retention;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The contents of topics now: from which offset on, and up to which. No clock and no configuration determines that. */
final class TopicOffsets {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Map<String, Object> kafka;
    private final Collection<String> topics;

    /**
     * Makes a reader.
     *
     * @param kafka settings of an admin client
     */
    TopicOffsets(Map<String, Object> kafka, Collection<String> topics) {
        this.kafka = kafka;
        this.topics = topics;
    }

    /**
     * The first offset of each partition that is still there.
     *
     * @throws KafkaException if Kafka does not answer
     */
    Map<String, Long> starts() throws InterruptedException {
        return offsets(OffsetSpec.earliest());
    }

    /**
     * The offset that the next record of each partition will have.
     *
     * @throws KafkaException if Kafka does not answer
     */
    Map<String, Long> ends() throws InterruptedException {
        return offsets(OffsetSpec.latest());
    }

    private Map<String, Long> offsets(OffsetSpec which) throws InterruptedException {
        try (Admin admin = Admin.create(kafka)) {
            Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
            for (TopicDescription topic : admin.describeTopics(topics)
                    .allTopicNames()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .values()) {
                topic.partitions()
                        .forEach(partition ->
                                wanted.put(new TopicPartition(topic.name(), partition.partition()), which));
            }
            Map<String, Long> offsets = new HashMap<>();
            for (Map.Entry<TopicPartition, ListOffsetsResultInfo> told : admin.listOffsets(wanted)
                    .all()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .entrySet()) {
                offsets.put(told.getKey().toString(), told.getValue().offset());
            }
            return offsets;
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("the contents of the order topics are unknown", e);
        }
    }
}

package dev.turnstile.worker.fair;

import static java.util.Objects.requireNonNull;

import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** The topic of fair orders as the broker has it now; what a consumer knows of it may be old. */
final class FairTopic implements Supplier<FairTopic.State>, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Admin admin;

    /** Asks with an admin client of these settings. */
    FairTopic(Map<String, Object> kafka) {
        this.admin = Admin.create(kafka);
    }

    /**
     * What the topic is.
     *
     * @param id another if the topic was deleted and made anew
     * @param partitions how many it has
     */
    record State(Uuid id, int partitions) {}

    /**
     * Asks the broker. Blocks for a second at most.
     *
     * @throws KafkaException if it does not tell
     */
    @Override
    public State get() {
        TopicDescription topic = requireNonNull(
                answer(admin.describeTopics(List.of(OrderTopics.FAIR)).allTopicNames())
                        .get(OrderTopics.FAIR));
        return new State(topic.topicId(), topic.partitions().size());
    }

    /**
     * Behind which record each partition ends, also where that belongs to a transaction that is open: a consumer of committed records
     * takes the first open one for the end, and orders behind it would seem never to have been published. Blocks for a second at most.
     *
     * @throws KafkaException if the broker does not tell
     */
    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        answer(admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .all())
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private static <T> T answer(KafkaFuture<T> asked) {
        try {
            return asked.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failure ? failure : new KafkaException(e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new TimeoutException("the broker did not tell of " + OrderTopics.FAIR + " within " + PATIENCE, e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void close() {
        admin.close(PATIENCE);
    }
}

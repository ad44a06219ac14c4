package dev.turnstile.worker;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
import org.springframework.beans.factory.DisposableBean;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.stereotype.Component;

/** Topics as the broker has them now; what a consumer knows of them may be old. Safe for use by any thread. */
@Component
public class TopicAdmin implements DisposableBean {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Admin admin;

    TopicAdmin(KafkaAdmin kafka) {
        this.admin = Admin.create(kafka.getConfigurationProperties());
    }

    /**
     * What a topic is.
     *
     * @param id another if the topic was deleted and made anew
     * @param partitions how many it has
     */
    public record Topic(Uuid id, int partitions) {}

    /**
     * Asks the broker for a topic. Blocks for a second at most.
     *
     * @throws KafkaException if the broker does not answer, or has no such topic
     */
    public Topic topic(String name) {
        TopicDescription topic = requireNonNull(
                answer(admin.describeTopics(List.of(name)).allTopicNames()).get(name));
        return new Topic(topic.topicId(), topic.partitions().size());
    }

    /**
     * Behind which record each partition ends, also where that belongs to a transaction that is open: a consumer of
     * committed records takes the first open one for the end, and orders behind it would seem never to have been
     * published. Blocks for a second at most.
     *
     * @throws KafkaException if the broker does not answer
     */
    public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
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
            throw new TimeoutException("the broker did not answer within " + PATIENCE, e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    @Override
    public void destroy() {
        admin.close(PATIENCE);
    }
}

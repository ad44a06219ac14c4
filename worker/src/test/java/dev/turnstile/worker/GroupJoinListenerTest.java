package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;

@ExtendWith(OutputCaptureExtension.class)
class GroupJoinListenerTest {

    private static final String TOPIC = "orders.distributed";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name());
    private long now;
    private final GroupJoinListener watch =
            new GroupJoinListener(TOPIC, new ConsumerAwareRebalanceListener() {}, () -> now);

    @BeforeEach
    void topicOfTwelvePartitions() {
        List<PartitionInfo> partitions = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            partitions.add(new PartitionInfo(TOPIC, i, Node.noNode(), new Node[0], new Node[0]));
        }
        consumer.updatePartitions(TOPIC, partitions);
        consumer.subscribe(List.of(TOPIC));
    }

    @Test
    void aWorkerThatNoPartitionIsLeftForIsReportedOnceAndJoinedAllTheSame(CapturedOutput output) {
        watch.look(consumer);
        assertThat(watch.joined()).isFalse();
        assigned(List.of());
        assertThat(watch.joined()).isTrue();
        lookAfterPatience();
        lookAfterPatience();
        assertThat(output.getOut().split("this worker is idle", -1)).hasSize(2);
        assertThat(output)
                .contains("no partition of orders.distributed is left")
                .contains("its 12 partitions");

        assigned(List.of(PARTITION));
        watch.look(consumer);
        assertThat(output).contains("this worker has a partition of orders.distributed again");
    }

    /** A consumer that joins gets none in the first round where others must give theirs up before. */
    @Test
    void aWorkerThatGetsItsPartitionsInTheSecondRoundIsNotReported(CapturedOutput output) {
        assigned(List.of());
        watch.look(consumer);
        assigned(List.of(PARTITION));
        lookAfterPatience();
        assertThat(output.getOut()).doesNotContain("this worker");
    }

    private void assigned(Collection<TopicPartition> partitions) {
        consumer.rebalance(partitions);
        watch.onPartitionsAssigned(consumer, Collections.unmodifiableCollection(partitions));
    }

    private void lookAfterPatience() {
        now += GroupJoinListener.PATIENCE.toNanos() + 1;
        watch.look(consumer);
    }
}

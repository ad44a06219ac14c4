package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPositionsTest {

    private static final TopicPartition P0 = new TopicPartition("orders", 0);
    private static final TopicPartition P1 = new TopicPartition("orders", 1);
    private static final Uuid FIRST = Uuid.randomUuid();
    private static final Uuid SECOND = Uuid.randomUuid();

    /** Notes where it was told to continue, and of which epoch. */
    private static final class SeekingConsumer extends MockConsumer<String, byte[]> {

        private final List<OffsetAndMetadata> seeks = new ArrayList<>();

        SeekingConsumer() {
            super("earliest");
        }

        @Override
        public synchronized void seek(TopicPartition partition, OffsetAndMetadata position) {
            seeks.add(position);
            super.seek(partition, position);
        }
    }

    private final SeekingConsumer consumer = new SeekingConsumer();
    private final List<TopicPartition> anew = new ArrayList<>();
    private Uuid topicId = FIRST;
    private boolean down;
    private long nanos;
    private TopicPositions positions = positions();

    private TopicPositions positions() {
        return new TopicPositions(
                "orders", this::topic, (Collection<TopicPartition> of) -> anew.addAll(of), () -> nanos);
    }

    private TopicAdmin.Topic topic() {
        if (down) {
            throw new TimeoutException("the broker is down");
        }
        return new TopicAdmin.Topic(topicId, 2);
    }

    @BeforeEach
    void assigned() {
        consumer.assign(List.of(P0, P1));
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
        consumer.seek(P0, 10);
        consumer.seek(P1, 10);
    }

    /** Another consumer gets the partitions later, and begins where was committed last. */
    private void begin() {
        positions = positions();
        anew.clear();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.of(P0, P1));
        committed.forEach((partition, position) -> consumer.seek(partition, position.offset()));
        consumer.seeks.clear();
        positions.assigned(consumer);
    }

    private void commit(Map<TopicPartition, OffsetAndMetadata> wanted) {
        consumer.commitSync(positions.toCommit(wanted));
    }

    private void poll(TopicPartition partition, long offset, int epoch) {
        positions.polled(List.of(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                0L,
                TimestampType.CREATE_TIME,
                0,
                0,
                UUID.randomUUID().toString(),
                new byte[0],
                new RecordHeaders(),
                Optional.of(epoch))));
    }

    private static Map<TopicPartition, OffsetAndMetadata> both(long offset) {
        return Map.of(P0, new OffsetAndMetadata(offset), P1, new OffsetAndMetadata(offset));
    }

    @Test
    void aPositionIsGoneOnFromInTheSameTopic() {
        positions.assigned(consumer);
        commit(both(11));
        begin();
        assertThat(consumer.position(P0)).isEqualTo(11);
        assertThat(anew).isEmpty();
    }

    @Test
    void aTopicThatWasMadeAnewWhileItIsConsumedIsReadFromItsBeginning() {
        positions.assigned(consumer);
        topicId = SECOND;
        positions.lookNowAndThen(consumer);
        assertThat(consumer.position(P0)).as("not looked yet").isEqualTo(10);
        nanos += 1_000_000_000;
        positions.lookNowAndThen(consumer);
        assertThat(consumer.position(P0)).isZero();
        assertThat(consumer.position(P1)).isZero();
        assertThat(anew).containsExactlyInAnyOrder(P0, P1);
        nanos += 1_000_000_000;
        positions.lookNowAndThen(consumer);
        assertThat(anew).as("once").hasSize(2);
    }

    /** The last commit came when the topic had been made anew, so the broker did not delete it with the topic. */
    @Test
    void aPositionThatWasCommittedForATopicOfTheSameNameIsNotBelieved() {
        positions.assigned(consumer);
        topicId = SECOND;
        commit(both(11));
        begin();
        assertThat(consumer.position(P0)).isZero();
        assertThat(consumer.position(P1)).isZero();
        commit(Map.of(P0, new OffsetAndMetadata(1)));
        begin();
        assertThat(consumer.position(P0)).isOne();
        assertThat(anew).containsExactly(P1);
    }

    @Test
    void aPositionIsComparedWithTheEpochOfTheRecordBeforeIt() {
        positions.assigned(consumer);
        poll(P0, 10, 4);
        poll(P0, 11, 4);
        poll(P0, 12, 6);
        poll(P1, 10, 4);
        commit(Map.of(P0, new OffsetAndMetadata(12), P1, new OffsetAndMetadata(11)));
        begin();
        assertThat(consumer.seeks)
                .extracting(OffsetAndMetadata::offset, OffsetAndMetadata::leaderEpoch)
                .containsExactlyInAnyOrder(tuple(12L, Optional.of(4)), tuple(11L, Optional.of(4)));
    }

    @Test
    void whatWasLostAndWrittenAgainHasTheEpochOfItsLastWriting() {
        positions.assigned(consumer);
        poll(P0, 10, 4);
        poll(P0, 14, 4);
        poll(P0, 12, 7);
        commit(Map.of(P0, new OffsetAndMetadata(12), P1, new OffsetAndMetadata(3)));
        commit(Map.of(P0, new OffsetAndMetadata(15)));
        begin();
        assertThat(consumer.seeks).singleElement().isEqualTo(new OffsetAndMetadata(15, Optional.of(7), ""));
    }

    @Test
    void nothingIsCommittedBeforeThePositionsWereCompared() {
        down = true;
        positions.assigned(consumer);
        assertThat(positions.toCommit(both(11))).isEmpty();

        poll(P0, 10, 4);
        down = false;
        nanos += 1_000_000_000;
        positions.lookNowAndThen(consumer);
        assertThat(positions.toCommit(both(11))).containsOnlyKeys(P0, P1);
        positions.drop(List.of(P0));
        assertThat(positions.toCommit(both(11))).containsOnlyKeys(P1);
    }

    /** The first look failed, and records were polled meanwhile, at an offset that the log had lost and got again. */
    @Test
    void whatWasPolledBeforeTheComparisonIsPolledOnceMoreIfItIsOfAnotherEpoch() {
        positions.assigned(consumer);
        poll(P0, 10, 4);
        poll(P1, 10, 4);
        commit(both(11));
        down = true;
        begin();
        poll(P0, 11, 5);
        poll(P1, 11, 4);
        consumer.seek(P0, 12);
        consumer.seek(P1, 12);
        down = false;
        positions.look(consumer);
        assertThat(consumer.seeks).containsExactly(new OffsetAndMetadata(11, Optional.of(4), ""));
        assertThat(consumer.position(P1)).as("goes on").isEqualTo(12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "x:y", ":", "5:5", "AAAAAAAAAAAAAAAAAAAAAA:one"})
    void aPositionThatSomethingElseCommittedIsBelieved(String metadata) {
        consumer.commitSync(Map.of(P0, new OffsetAndMetadata(7, metadata), P1, new OffsetAndMetadata(7)));
        begin();
        assertThat(consumer.position(P0)).isEqualTo(7);
        assertThat(anew).isEmpty();
    }
}

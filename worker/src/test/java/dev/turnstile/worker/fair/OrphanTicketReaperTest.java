package dev.turnstile.worker.fair;

import static java.util.concurrent.CompletableFuture.completedStage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHead.Drawn;
import dev.turnstile.line.LineHead.Moment;
import dev.turnstile.line.LineHead.Suspects;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OrphanTicketReaperTest {

    private static final TopicPartition P0 = new TopicPartition(OrderTopics.FAIR, 0);
    private static final Uuid TOPIC = Uuid.randomUuid();
    private static final Drawn ORPHAN = new Drawn(new Ticket(7), UUID.randomUUID());

    private final LineHead head = mock();
    private final Queue<TopicAdmin.Topic> states = new ArrayDeque<>();
    private long end = 5;
    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private final OrphanTicketReaper watch = new OrphanTicketReaper(
            new InFlightOrders<>(TicketedOrder::order, TicketedOrder::ticket),
            new TopicPositions(OrderTopics.FAIR, this::state, anew -> {}, System::nanoTime),
            partitions -> partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> end)),
            head,
            mock(),
            mock(),
            () -> {},
            Duration.ZERO);

    private TopicAdmin.Topic state() {
        TopicAdmin.Topic state = states.poll();
        if (state == null) {
            throw new TimeoutException("the broker is down");
        }
        return state;
    }

    @BeforeEach
    void aSuspectThatNoPartitionSeemsToHold() {
        consumer.assign(List.of(P0));
        consumer.updateBeginningOffsets(Map.of(P0, 0L));
        consumer.seek(P0, 5);
        when(head.suspects(anyInt()))
                .thenReturn(completedStage(new Suspects(new Moment(1, 1), false, 1, List.of(ORPHAN), List.of())));
        when(head.removeUnlessParked(any())).thenReturn(completedStage(true));
        when(head.seen(any(), any(), anyInt())).thenReturn(completedStage(false));
    }

    private void has(int... partitions) {
        for (int count : partitions) {
            states.add(new TopicAdmin.Topic(TOPIC, count));
        }
    }

    @Test
    void asksForAsManyPartitionsAsTheBrokerHasNow() {
        has(24, 24, 24, 24);
        watch.look(consumer);
        watch.look(consumer);
        verify(head, times(2)).suspects(24);
        verify(head).seen(List.of(0), new Moment(1, 1), 24);
        verify(head, times(2)).removeUnlessParked(ORPHAN);
    }

    @Test
    void removesNothingWhilePartitionsAreAdded() {
        has(12, 24);
        watch.look(consumer);
        verify(head, never()).removeUnlessParked(any());
        verify(head, never()).seen(any(), any(), anyInt());
    }

    @Test
    void removesNothingWhenTheBrokerDoesNotTell() {
        watch.look(consumer);
        has(12);
        watch.look(consumer);
        verify(head, never()).removeUnlessParked(any());
    }

    @Test
    void aPartitionThatLostItsTailIsReadToTheEndThatItHasNow() {
        has(12, 12, 12, 12, 12, 12);
        end = 9;
        watch.look(consumer);
        end = 4;
        consumer.seek(P0, 4);
        watch.look(consumer);
        verify(head, never()).seen(any(), any(), anyInt());
        watch.look(consumer);
        verify(head).seen(List.of(0), new Moment(1, 1), 12);
    }

    @Test
    void aTopicThatWasMadeAnewIsReadFromItsBeginning() {
        has(12, 12);
        watch.look(consumer);
        assertThat(consumer.position(P0)).isEqualTo(5);
        states.add(new TopicAdmin.Topic(Uuid.randomUuid(), 12));
        watch.look(consumer);
        assertThat(consumer.position(P0)).isZero();
        verify(head, never()).seen(any(), any(), anyInt());
    }
}

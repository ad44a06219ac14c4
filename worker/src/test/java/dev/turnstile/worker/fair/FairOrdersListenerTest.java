package dev.turnstile.worker.fair;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyList;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHead.Parked;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.unticketed.UnticketedTopic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.KafkaException;

class FairOrdersListenerTest {

    private static final TopicPartition P0 = new TopicPartition(OrderTopics.FAIR, 0);

    private final InFlightOrders<TicketedOrder> kept =
            new InFlightOrders<>(TicketedOrder::order, TicketedOrder::ticket);
    private final LineHead head = mock();
    private final List<TicketedOrder> astray = new ArrayList<>();
    private final DeadLetters deadLetters = mock();
    private final UnticketedTopic unticketedTopic = mock();
    private final AtomicBoolean behind = new AtomicBoolean();
    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private final FairOrdersListener listener = new FairOrdersListener(
            new OrderRecords(new Installation(UUID.randomUUID(), new byte[32])),
            kept,
            mock(TopicPositions.class),
            head,
            deadLetters,
            unticketedTopic,
            mock(OrphanTicketReaper.class),
            mock(DecisionTelemetry.class),
            () -> {},
            astray::addAll,
            behind::get);

    @BeforeEach
    void assigned() {
        consumer.assign(List.of(P0));
        consumer.updateBeginningOffsets(Map.of(P0, 0L));
        Order order = new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null);
        kept.keep(P0, 0, new TicketedOrder(order, new Ticket(1)));
    }

    @Test
    void pollsNoMoreWhileRedisTakesNone() {
        when(head.park(anyList())).thenReturn(failedStage(new IllegalStateException("Redis is down")));
        listener.onPolled(consumer);
        assertThat(consumer.paused()).containsExactly(P0);
        assertThat(kept.hasUntaken()).isTrue();

        when(head.park(anyList()))
                .thenAnswer(call -> completedStage(new Parked(call.getArgument(0), List.of(), List.of())));
        listener.onPolled(consumer);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void whatIsTooLargeToBeHandedOnIsSetAsideAndAnythingElseIsTriedAgain() {
        when(head.park(anyList()))
                .thenAnswer(call -> completedStage(new Parked(call.getArgument(0), List.of(), List.of())));
        ConsumerRecord<String, byte[]> fits = record(1);
        ConsumerRecord<String, byte[]> large = record(2);
        when(unticketedTopic.receive(fits)).thenReturn(CompletableFuture.completedFuture(null));
        when(unticketedTopic.receive(large))
                .thenReturn(CompletableFuture.failedFuture(new TimeoutException("the broker is down")))
                .thenReturn(CompletableFuture.failedFuture(
                        new KafkaException("Send failed", new RecordTooLargeException())));
        assertThatThrownBy(() -> listener.onMessage(List.of(fits, large), consumer))
                .hasRootCauseInstanceOf(TimeoutException.class);
        verify(deadLetters, never()).setAside(any(), any());

        listener.onMessage(List.of(fits, large), consumer);
        verify(deadLetters).setAside(large, UnticketedTopic.TOO_LARGE);
        verify(deadLetters, never()).setAside(eq(fits), any());
    }

    private static ConsumerRecord<String, byte[]> record(long offset) {
        Order order = new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null);
        return new ConsumerRecord<>(P0.topic(), P0.partition(), offset, null, OrderJson.write(order));
    }

    @Test
    void pollsNoMoreWhileManyAreToBeLookedUp() {
        when(head.park(any()))
                .thenAnswer(call -> completedStage(new Parked(List.of(), call.getArgument(0), List.of())));
        behind.set(true);
        listener.onPolled(consumer);
        assertThat(astray).hasSize(1);
        assertThat(consumer.paused()).containsExactly(P0);

        behind.set(false);
        listener.onPolled(consumer);
        assertThat(consumer.paused()).isEmpty();
    }
}

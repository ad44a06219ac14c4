package dev.turnstile.worker.fair;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyList;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.line.WakeupListener;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.VitalThreads;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.dao.TransientDataAccessResourceException;

class FairDeciderTest {

    private final InFlightOrders<TicketedOrder> kept =
            new InFlightOrders<>(TicketedOrder::order, TicketedOrder::ticket);
    private final LineHead head = mock();
    private final StrayOrderRecovery readmission = mock();
    private final VitalThreads threads = mock();
    private final AtomicBoolean ledgerIsAway = new AtomicBoolean();
    private final Queue<Integer> pages = new ConcurrentLinkedQueue<>();
    private final FairDecider decider = new FairDecider(
            kept,
            head,
            mock(),
            mock(),
            readmission,
            new Binder(new MapConfigurationPropertySource(Map.of("turnstile.line.redis", "redis://127.0.0.1:1")))
                    .bindOrCreate("turnstile.line", LineProperties.class),
            mock(DecisionTelemetry.class),
            threads);

    @BeforeEach
    void aLineThatStandsStill() {
        when(head.subscribe(any())).thenReturn(completedStage(null));
        when(head.turn(any(), any(), anyInt(), any())).thenReturn(completedStage(Optional.empty()));
        when(head.mend(any())).thenReturn(completedStage(false));
        when(readmission.readmit(anyList())).thenAnswer(call -> {
            List<TicketedOrder> page = call.getArgument(0);
            if (!page.isEmpty() && ledgerIsAway.get()) {
                throw new TransientDataAccessResourceException("away");
            }
            pages.add(page.size());
            return false;
        });
        when(threads.start(anyString(), any())).thenAnswer(call -> {
            Thread thread = new Thread(call.<Runnable>getArgument(1));
            thread.start();
            return thread;
        });
    }

    @AfterEach
    void stop() {
        decider.stop();
    }

    @Test
    void isBehindUntilAllWereLookedUpThoughTheLineDoesNotMove() {
        ledgerIsAway.set(true);
        decider.start();
        decider.readmit(parkings(FairDecider.MOST_ASTRAY));
        assertThat(decider.isBehind()).isFalse();
        decider.readmit(parkings(1_500));
        assertThat(decider.isBehind()).isTrue();

        ledgerIsAway.set(false);
        await().until(() -> pages.stream().mapToInt(Integer::intValue).sum() == FairDecider.MOST_ASTRAY + 1_500);
        await().until(() -> !decider.isBehind());
        assertThat(pages).allMatch(size -> size <= StrayOrderRecovery.AT_ONCE);
    }

    @Test
    void looksUpAtOnceWhatAnotherWorkerAnsweredForAnotherRecord() {
        TicketedOrder order = parkings(1).get(0);
        kept.keep(new TopicPartition(OrderTopics.FAIR, 0), 1, order);
        decider.decided(
                List.of(new WakeupListener.Answered(order.order().id(), new ReplyAddress(OrderTopics.REPLIES, 1))));
        assertThat(kept.size()).isEqualTo(1);
        when(head.mend(any()))
                .thenReturn(failedStage(new IllegalStateException("no re-check gets as far as this order")));
        decider.start();
        await().until(() -> pages.contains(1));
    }

    /** A ticket that can't be read once made each turn fail, and so nothing put it right. */
    @Test
    void mendsTheLineAlsoWhileNoTurnSucceeds() {
        AtomicBoolean damaged = new AtomicBoolean(true);
        when(head.turn(any(), any(), anyInt(), any()))
                .thenAnswer(call -> damaged.get()
                        ? failedStage(new IllegalStateException("the record of a ticket can't be read"))
                        : completedStage(Optional.empty()));
        when(head.mend(any())).thenAnswer(call -> completedStage(damaged.getAndSet(false)));
        decider.start();
        await().untilFalse(damaged);
    }

    private static List<TicketedOrder> parkings(int count) {
        return LongStream.rangeClosed(1, count)
                .mapToObj(number -> new TicketedOrder(
                        new Order(
                                UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null),
                        new Ticket(number)))
                .toList();
    }
}

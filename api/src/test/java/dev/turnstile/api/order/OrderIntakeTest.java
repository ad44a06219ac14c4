package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.api.order.IntakeResult.NotAccepted;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.Draw;
import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineFullException;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.stock.StockCache;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OrderIntakeTest {

    private static final int MOST_WAITING = 1;

    private final TicketLine line = mock(TicketLine.class);
    private final OrderPublisher publisher = mock(OrderPublisher.class);
    private final WaitingRequests waiting = new WaitingRequests(MOST_WAITING);
    private final LineThroughput pace = new LineThroughput(System::nanoTime);
    private final LineAdmission lineAdmission = new LineAdmission(pace, Duration.ofSeconds(8), 1, 1000, () -> 0);
    private final OrderIntake intake = intake(waiting);

    private OrderIntake intake(WaitingRequests waiting) {
        return new OrderIntake(
                new LineClient(line, Duration.ofMillis(50)),
                pace,
                lineAdmission,
                new StockAdmission(
                        mock(StockCache.class), new OptionalRedisCalls(), Duration.ofSeconds(1), System::nanoTime),
                mock(IdempotencyStore.class),
                new OptionalRedisCalls(),
                new ArrivalOrder(Duration.ofSeconds(1), System::nanoTime, (delay, task) -> {}),
                publisher,
                waiting,
                () -> new ReplyAddress(OrderTopics.REPLIES, 0),
                Clock.systemUTC());
    }

    private CompletableFuture<IntakeResult> submit(Mode mode) {
        return intake.submit(mode, List.of(new OrderLine(1, 1)), Duration.ofMinutes(1), null)
                .toCompletableFuture();
    }

    private static NotAccepted refusal(CompletableFuture<IntakeResult> reception) throws Exception {
        return (NotAccepted) reception.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aTicketThatIsDrawnTooLateLeavesTheLineAgain() throws Exception {
        CompletableFuture<Draw> draw = new CompletableFuture<>();
        when(line.draw(any(), anyInt(), any())).thenReturn(draw);
        when(line.cancel(any())).thenReturn(CompletableFuture.completedStage(true));

        NotAccepted refused = refusal(submit(Mode.FAIR));
        assertThat(refused.problem()).isEqualTo(ProblemType.UNAVAILABLE);
        assertThat(refused.inDoubt()).isFalse();
        verify(line, never()).cancel(any());

        draw.complete(new Draw(new Ticket(1), true));
        verify(line, timeout(10_000)).cancel(any());
        verify(publisher, never()).publish(any(), any());
    }

    @Test
    void aFullLineRefusesAtOnceAndNothingHasToLeaveIt() throws Exception {
        LineFullException full = mock(LineFullException.class);
        when(full.waiting()).thenReturn(200_000L);
        when(line.draw(any(), anyInt(), any())).thenReturn(CompletableFuture.failedStage(full));

        NotAccepted refused = refusal(submit(Mode.FAIR));
        assertThat(refused.problem()).isEqualTo(ProblemType.LINE_FULL);
        assertThat(refused.reason()).contains("200000");
        assertThat(lineAdmission.refusal()).as("the next one need not ask").isPresent();
        verify(line, never()).cancel(any());
    }

    @Test
    void aClientThatThrowsIsARefusalToo() throws Exception {
        when(line.draw(any(), anyInt(), any())).thenThrow(new IllegalStateException("Redisson is shutdown"));
        when(line.cancel(any())).thenThrow(new IllegalStateException("Redisson is shutdown"));
        assertThat(refusal(submit(Mode.FAIR)).problem()).isEqualTo(ProblemType.UNAVAILABLE);
        assertThat(waiting.count()).isZero();
    }

    @Test
    void saysThatTheOrderIsInDoubtWhenTheBrokerDidNotAnswerAndTheLineDoesNotEither() throws Exception {
        when(line.draw(any(), anyInt(), any()))
                .thenReturn(CompletableFuture.completedStage(new Draw(new Ticket(1), true)));
        when(line.cancel(any())).thenReturn(new CompletableFuture<>()); // never answers
        when(publisher.publish(any(), any()))
                .thenAnswer(call -> CompletableFuture.failedStage(new IllegalStateException("expired")));
        assertThat(refusal(submit(Mode.FAIR)).inDoubt()).isTrue();
    }

    /**
     * All requests that wait at one moment get the outcome; a request that joins the leader just then must get it, too.
     */
    @Test
    void whoFollowsALeaderThatJustGotTheOutcomeGetsItAsWell() throws Exception {
        UUID orderId = UUID.randomUUID();
        WaitingRequests two = new WaitingRequests(2);
        WaitingRequest leader = two.register(orderId, "").orElseThrow();
        two.published(leader, Duration.ofMinutes(1));
        OrderIntake others = intake(two);
        CompletableFuture<IntakeResult> follower = others.submit(
                        orderId, "", null, Mode.DISTRIBUTED, List.of(new OrderLine(1, 1)), Duration.ofMinutes(1), null)
                .thenApply(OrderIntake.Received::reception)
                .toCompletableFuture();
        IntakeResult decided = new IntakeResult.Decided(
                new Decision(orderId, Mode.DISTRIBUTED, null, new Outcome.Cancelled(), Instant.EPOCH));
        leader.end(decided); // and not by decided(): the list of receivers was read before
        assertThat(follower.get(10, TimeUnit.SECONDS)).isEqualTo(decided);
    }

    @Test
    void refusesWithoutAnyCallWhenTooManyWait() throws Exception {
        when(publisher.publish(any(), any())).thenAnswer(call -> new CompletableFuture<>());
        CompletableFuture<IntakeResult> first = submit(Mode.DISTRIBUTED);
        assertThat(refusal(submit(Mode.FAIR)).problem()).isEqualTo(ProblemType.UNAVAILABLE);
        verify(line, never()).draw(any(), anyInt(), any());
        assertThat(first).isNotDone();
    }
}

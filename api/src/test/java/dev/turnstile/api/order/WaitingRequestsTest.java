package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WaitingRequestsTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final WaitingRequests waiting = new WaitingRequests(2);

    private static Decision decision(UUID orderId) {
        return new Decision(orderId, Mode.FAIR, 1L, new Outcome.Cancelled(), Instant.EPOCH);
    }

    private WaitingRequest register() {
        return waiting.register(UUID.randomUUID(), "").orElseThrow();
    }

    private static CompletableFuture<IntakeResult> end(WaitingRequest request) {
        return request.end().toCompletableFuture();
    }

    @Test
    void aReplyEndsTheRequestThatWaitsForItAndNoOther() {
        WaitingRequest mine = register();
        WaitingRequest other = register();
        waiting.published(mine, LONG);
        waiting.published(other, LONG);
        waiting.decided(decision(mine.orderId()));
        assertThat(end(mine)).isCompletedWithValue(new IntakeResult.Decided(decision(mine.orderId())));
        assertThat(end(other)).isNotDone();
        assertThat(waiting.count()).isEqualTo(1);
    }

    @Test
    void aReplyMayComeBeforeTheBrokersAcknowledgement() {
        WaitingRequest request = register();
        waiting.decided(decision(request.orderId()));
        waiting.published(request, Duration.ZERO);
        assertThat(end(request)).isCompletedWithValue(new IntakeResult.Decided(decision(request.orderId())));
    }

    @Test
    void aReplyThatFindsNobodyIsDropped() {
        waiting.decided(decision(UUID.randomUUID()));
        WaitingRequest request = register();
        waiting.published(request, Duration.ZERO);
        waiting.decided(decision(request.orderId()));
        assertThat(end(request)).isCompletedWithValue(new IntakeResult.Waiting(request.orderId(), null, null, null));
        assertThat(waiting.awaits(request.orderId())).isFalse();
    }

    @Test
    void theWaitDoesNotEndBeforeTheOrderIsPublished() throws Exception {
        WaitingRequest request = register();
        assertThat(end(request)).isNotDone();
        waiting.published(request, Duration.ofMillis(20));
        assertThat(end(request).get(10, TimeUnit.SECONDS)).isInstanceOf(IntakeResult.Waiting.class);
        assertThat(waiting.awaits(request.orderId())).isTrue();
    }

    /**
     * Each next to a bare timer with the same deadline, so that a machine that stalls is not taken for a late
     * request.
     */
    @Test
    void noDeadlineMovesWithTheNumberOfThoseWhoWait() throws Exception {
        int crowd = 3000;
        WaitingRequests many = new WaitingRequests(crowd);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        List<CompletableFuture<Long>> lateNs = new ArrayList<>();
        List<Future<Long>> timersLateNs = new ArrayList<>();
        try {
            for (int i = 0; i < crowd; i++) {
                Duration wait = Duration.ofMillis(300 + i * 7 % 200);
                WaitingRequest request = many.register(UUID.randomUUID(), "").orElseThrow();
                long deadline = System.nanoTime() + wait.toNanos();
                lateNs.add(end(request).thenApply(reception -> System.nanoTime() - deadline));
                many.published(request, wait);
                timersLateNs.add(timer.schedule(
                        () -> System.nanoTime() - deadline, deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            }
            for (int i = 0; i < crowd; i++) {
                long late = lateNs.get(i).get(10, TimeUnit.SECONDS);
                long timerLate = timersLateNs.get(i).get(10, TimeUnit.SECONDS);
                assertThat(late).as("request %d ends at its deadline", i).isNotNegative();
                assertThat(Duration.ofNanos(late - timerLate))
                        .as("request %d is later than a timer", i)
                        .isLessThan(Duration.ofMillis(250));
            }
        } finally {
            timer.shutdownNow();
        }
        // the waiting request is notified before its place is released
        await().until(() -> many.count() == 0);
    }

    @Test
    void letsInNoMoreThanTheLimitAndGivesPlacesBack() {
        WaitingRequest first = register();
        register();
        assertThat(waiting.register(UUID.randomUUID(), "")).isEmpty();
        waiting.decided(decision(first.orderId()));
        waiting.decided(decision(first.orderId())); // a repeated reply gives nothing back twice
        register();
        assertThat(waiting.register(UUID.randomUUID(), "")).isEmpty();
    }

    @Test
    void whoComesWithTheOrderOfAnotherFollowsItAndGetsTheSameOutcome() {
        UUID order = UUID.randomUUID();
        WaitingRequest leader = waiting.register(order, "").orElseThrow();
        WaitingRequest follower = waiting.register(order, "").orElseThrow();
        assertThat(leader.leader()).isNull();
        assertThat(follower.leader()).isSameAs(leader);
        assertThat(waiting.count()).isEqualTo(2);
        assertThat(leader.settled().toCompletableFuture()).isNotDone();

        waiting.published(leader, Duration.ZERO);
        assertThat(leader.settled().toCompletableFuture()).isCompletedWithValue(Optional.empty());
        waiting.published(follower, LONG);
        assertThat(end(follower)).isNotDone();

        waiting.decided(decision(order));
        assertThat(end(follower)).isCompletedWithValue(new IntakeResult.Decided(decision(order)));
        assertThat(waiting.count()).isZero();
        assertThat(waiting.register(order, "").orElseThrow().leader()).isNull();
    }

    @Test
    void remembersOnlyTheLatestUnansweredOrders() {
        UUID eldest = unanswered();
        UUID second = unanswered();
        UUID third = unanswered();
        assertThat(waiting.awaits(eldest)).isFalse();
        assertThat(waiting.awaits(second)).isTrue();
        assertThat(waiting.awaits(third)).isTrue();
    }

    private UUID unanswered() {
        WaitingRequest request = register();
        waiting.published(request, Duration.ZERO);
        return request.orderId();
    }

    @Test
    void stoppingAnswersWhatIsPublishedAndWaitsForWhatIsNot() {
        WaitingRequest published = register();
        WaitingRequest unsettled = register();
        waiting.published(published, LONG);
        waiting.stop();
        assertThat(end(published))
                .isCompletedWithValue(new IntakeResult.Waiting(published.orderId(), null, null, null));
        assertThat(end(unsettled)).isNotDone();
        waiting.published(unsettled, LONG);
        assertThat(end(unsettled))
                .isCompletedWithValue(new IntakeResult.Waiting(unsettled.orderId(), null, null, null));
        assertThat(waiting.register(UUID.randomUUID(), "")).isEmpty();
    }
}

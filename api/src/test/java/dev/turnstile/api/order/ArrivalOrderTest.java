package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.ArrivalOrder.Arrival;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ArrivalOrderTest {

    private static final Duration PATIENCE = Duration.ofMillis(20);

    private final List<Runnable> looks = new ArrayList<>();
    private final List<String> drawn = new ArrayList<>();
    private long now = 1_000_000_000L;
    private final ArrivalOrder arrivals = new ArrivalOrder(PATIENCE, () -> now, (delay, task) -> looks.add(task));

    @Test
    void drawsInTheOrderOfArrivalHoweverTheRequestsAreRead() {
        Arrival first = arrivals.arrive();
        Arrival second = arrivals.arrive();
        Arrival third = arrivals.arrive();
        draw(third, "third");
        draw(second, "second");
        assertThat(drawn).isEmpty();
        draw(first, "first");
        assertThat(drawn).containsExactly("first", "second", "third");
    }

    @Test
    void whatIsHandedToThreadsKeepsTheOrderInWhichItWasHandedOver() {
        Runnable first = arrivals.noting(() -> draw(arrivals.current(), "first"));
        Runnable second = arrivals.noting(() -> {
            draw(arrivals.current(), "second");
            draw(arrivals.current(), "second's next, which arrives now");
        });
        Arrival third = arrivals.arrive();

        draw(third, "third");
        second.run();
        assertThat(drawn).isEmpty();
        first.run();

        assertThat(drawn).containsExactly("first", "second", "third", "second's next, which arrives now");
    }

    @Test
    void whoseBodyIsStillOnItsWayKeepsItsPlaceWhenTheThreadTurnsToOthers() {
        List<Arrival> taken = new ArrayList<>();
        Runnable head = arrivals.noting(() -> taken.add(arrivals.current()));
        Arrival second = arrivals.arrive();
        head.run();
        draw(second, "second");
        assertThat(drawn).isEmpty();

        draw(taken.get(0), "first");

        assertThat(drawn).containsExactly("first", "second");
    }

    @Test
    void whatTurnsOutToBeNoOrderMakesWay() {
        Runnable closing = arrivals.noting(() -> {});
        Arrival second = arrivals.arrive();
        draw(second, "second");
        assertThat(drawn).isEmpty();

        closing.run();

        assertThat(drawn).containsExactly("second");
    }

    @Test
    void aRequestThatIsRefusedMakesWay() {
        Arrival refused = arrivals.arrive();
        Arrival second = arrivals.arrive();
        draw(second, "second");
        arrivals.leave(refused);
        assertThat(drawn).containsExactly("second");
    }

    @Test
    void nobodyWaitsForASlowClientBeyondThePatience() {
        Arrival slow = arrivals.arrive();
        now += PATIENCE.toNanos();
        Arrival second = arrivals.arrive();
        draw(second, "second");
        now += PATIENCE.toNanos() - 1;
        look();
        assertThat(drawn).isEmpty();
        now += 1;
        look();
        assertThat(drawn).containsExactly("second");

        draw(slow, "slow");
        assertThat(drawn).as("at once, it has lost its turn").containsExactly("second", "slow");
    }

    @Test
    void aSlowClientBehindHoldsUpNobody() {
        Arrival first = arrivals.arrive();
        Arrival slow = arrivals.arrive();
        draw(first, "first");
        assertThat(drawn).containsExactly("first");
        draw(slow, "slow");
        assertThat(drawn).containsExactly("first", "slow");
    }

    @Test
    void leavingAfterTheDrawChangesNothing() {
        Arrival first = arrivals.arrive();
        Arrival second = arrivals.arrive();
        draw(second, "second");
        arrivals.leave(second);
        draw(first, "first");
        arrivals.leave(first);
        assertThat(drawn).containsExactly("first", "second");
        assertThat(arrivals.inTurn(arrivals.arrive(), () -> CompletableFuture.completedStage("ticket")))
                .isCompletedWithValue("ticket");
    }

    @Test
    void aDrawThatFailsFailsItsOwnStageAlone() {
        Arrival first = arrivals.arrive();
        Arrival second = arrivals.arrive();
        draw(second, "second");
        CompletionStage<String> failed = arrivals.inTurn(first, () -> {
            throw new IllegalStateException("shut down");
        });
        assertThat(failed).isCompletedExceptionally();
        assertThat(drawn).containsExactly("second");
    }

    private void draw(Arrival arrival, String name) {
        arrivals.inTurn(arrival, () -> CompletableFuture.completedStage(drawn.add(name)));
    }

    private void look() {
        List<Runnable> due = List.copyOf(looks);
        looks.clear();
        due.forEach(Runnable::run);
    }
}

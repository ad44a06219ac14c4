package dev.turnstile.local.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.replay.Tally.Sent;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final long MS = 1_000_000;

    private final Tally tally = new Tally(3);

    @Test
    void countsEachOutcomeOnceAndPassesOverThoseOfOthers() {
        Order fulfilled = send(0);
        Order refused = send(0);
        tally.answered(fulfilled.id(), fulfilled(9), 5 * MS);
        tally.answered(fulfilled.id(), fulfilled(9), 50 * MS);
        tally.answered(UUID.randomUUID(), fulfilled(9), 50 * MS);
        tally.answered(refused.id(), new Outcome.OutOfStock(List.of(new Shortage(1, 2, 1))), 7 * MS);
        assertThat(tally.countsByStatus()).isEqualTo(Map.of(Outcome.FULFILLED, 1L, Outcome.OUT_OF_STOCK, 1L));
        assertThat(tally.answered()).isEqualTo(2);
        assertThat(tally.underWay()).isEmpty();
        assertThat(tally.latency().maxMs()).isBetween(7.0, 7.1);
    }

    @Test
    void latencyCountsFromWhenAnOrderWasDue() {
        Order late = order();
        tally.sending(UUID.randomUUID(), late, 100 * MS);
        tally.answered(late.id(), fulfilled(9), 350 * MS);
        assertThat(tally.latency().p50Ms()).isBetween(250.0, 250.5);
    }

    @Test
    void whatIsUnderWayIsBounded() {
        List<Order> orders = List.of(send(0), send(0), send(0));
        assertThat(tally.hasRoom()).isFalse();
        tally.answered(orders.get(1).id(), fulfilled(9), 0);
        assertThat(tally.hasRoom()).isTrue();
        assertThat(tally.countUnderWay()).isEqualTo(2);
    }

    @Test
    void tellsWhatIsMissingAndWhatWasNotSent() {
        Order notSent = send(0);
        Order missing = send(0);
        Order found = send(0);
        tally.notSent(notSent.id(), "the broker is down");
        tally.found(found.id(), new Outcome.Cancelled());
        tally.found(notSent.id(), new Outcome.Cancelled());
        assertThat(tally.notSent()).isEqualTo(1);
        assertThat(tally.firstProblem()).isEqualTo("the broker is down");
        assertThat(tally.found()).isEqualTo(1);
        assertThat(tally.underWay()).containsExactly(missing.id());
        assertThat(tally.latency().count()).as("of those whose answers came").isZero();
    }

    @Test
    void keepsEveryRecordedIdWithItsOutcome() {
        Tally large = new Tally(Integer.MAX_VALUE);
        List<Sent> expected = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            UUID recorded = UUID.randomUUID();
            Order order = order();
            large.sending(recorded, order, 0);
            if (i % 2 == 0) {
                large.answered(order.id(), new Outcome.Cancelled(), 0);
            }
            expected.add(new Sent(recorded, i % 2 == 0 ? Outcome.CANCELLED : null));
        }
        List<Sent> pages = new ArrayList<>(large.page(0, 3000));
        pages.addAll(large.page(3000, 3000));
        assertThat(pages).isEqualTo(expected);
    }

    @Test
    void findsOutWhatStockTheOrdersMet() {
        Order first = send(0);
        Order second = send(0);
        tally.answered(second.id(), fulfilled(86), 0);
        tally.answered(first.id(), fulfilled(88), 0);
        Order refused = send(0);
        tally.answered(refused.id(), new Outcome.OutOfStock(List.of(new Shortage(2, 5, 4))), 0);
        assertThat(tally.stocks().highest()).isEqualTo(Map.of(1L, 90, 2L, 4));
    }

    private Order send(long dueNanos) {
        Order order = order();
        tally.sending(UUID.randomUUID(), order, dueNanos);
        return order;
    }

    private static Order order() {
        return new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 2)), Instant.EPOCH, null, "replay-1");
    }

    private static Outcome fulfilled(int left) {
        return new Outcome.Fulfilled(List.of(new StockLevel(1, left)));
    }
}

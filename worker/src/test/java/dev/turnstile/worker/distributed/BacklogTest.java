package dev.turnstile.worker.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final Duration REST = Duration.ofMillis(40);
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final int ALL = 100;

    private long now = Long.MAX_VALUE - 5; // a clock may run over
    private final Backlog backlog = new Backlog(PATIENCE, REST, () -> now);

    @Test
    void handsOutComponentsOldestFirst() {
        Order ab = order(1, 2);
        Order c = order(3);
        Order b = order(2);
        backlog.add(List.of(ab, c, b));
        assertThat(claim(2)).containsExactly(List.of(ab), List.of(c));
        assertThat(backlog.size()).isEqualTo(1);
    }

    @Test
    void whatIsClaimedIsNotClaimedAgainUntilItIsFree() {
        Order later = order(1);
        backlog.add(List.of(order(1), later));
        backlog.claim(1);
        assertThat(backlog.claim(ALL)).isEmpty();

        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(claim(ALL)).containsExactly(List.of(later));
    }

    @Test
    void whoIsPassedOverKeepsItsProductsFromAllYoungerOnes() {
        backlog.add(List.of(order(1)));
        backlog.claim(ALL);
        Order passedOver = order(1, 2);
        Order younger = order(2);
        Order other = order(3);
        backlog.add(List.of(passedOver, younger, other));
        assertThat(claim(ALL)).containsExactly(List.of(other));

        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(claim(ALL)).containsExactly(List.of(passedOver, younger));
    }

    @Test
    void whatCameMeanwhileGoesWithWhatIsClaimed() {
        backlog.add(List.of(order(1, 2)));
        backlog.claim(ALL);
        Order one = order(1);
        Order beyond = order(2, 3);
        Order two = order(2);
        backlog.add(List.of(one, beyond, two));
        assertThat(backlog.claimMore(Set.of(1L, 2L), 1)).containsExactly(one);
        assertThat(backlog.claimMore(Set.of(1L, 2L), ALL)).containsExactly(two);
        assertThat(backlog.size()).isEqualTo(1);
    }

    @Test
    void whatIsPutBackComesFirstAndInItsOrder() {
        Order first = order(1);
        Order second = order(1);
        Order third = order(1);
        backlog.add(List.of(first, second));
        backlog.claim(ALL);
        backlog.add(List.of(third));
        backlog.putBack(List.of(first, second));
        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(claim(ALL)).containsExactly(List.of(first, second, third));
    }

    @Test
    void aProductThatWasHadForALongTimeRestsSoThatOthersGetAtIt() {
        Order next = order(1);
        backlog.add(List.of(order(1), next));
        backlog.claim(1);
        backlog.won(Set.of(1L));
        now += Backlog.LONGEST_STREAK.toNanos() + 1;
        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(backlog.claim(ALL)).isEmpty();
        assertThat(backlog.nextRested()).contains(REST);

        now += REST.toNanos();
        assertThat(claim(ALL)).containsExactly(List.of(next));
        assertThat(backlog.nextRested()).isEmpty();
        backlog.won(Set.of(1L));
        backlog.add(List.of(order(1)));
        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(backlog.claim(ALL)).as("a new streak").hasSize(1);
    }

    @Test
    void aProductThatNobodyWantedForAMomentHasNoStreak() {
        backlog.add(List.of(order(1)));
        backlog.claim(ALL);
        backlog.won(Set.of(1L));
        backlog.free(Set.of(1L), Duration.ZERO);
        now += Backlog.LONGEST_STREAK.toNanos();
        backlog.add(List.of(order(1), order(1)));
        backlog.claim(1);
        backlog.won(Set.of(1L));
        now += Backlog.LONGEST_STREAK.toNanos();
        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(backlog.claim(ALL)).hasSize(1);
    }

    @Test
    void whatFailedRestsForAsLongAsItIsTold() {
        Order order = order(1);
        backlog.add(List.of(order));
        backlog.claim(ALL);
        backlog.putBack(List.of(order));
        backlog.free(Set.of(1L), Duration.ofSeconds(1));
        now += REST.toNanos();
        assertThat(backlog.claim(ALL)).isEmpty();
        now += Duration.ofSeconds(1).toNanos();
        assertThat(claim(ALL)).containsExactly(List.of(order));
    }

    @Test
    void whoWaitsBehindThoseWhoseLockIsNotWonWaitsNoLongerThanThey() {
        backlog.add(List.of(order(1)));
        assertThat(patience(backlog.claim(ALL))).isEqualTo(PATIENCE);
        now += Duration.ofSeconds(1).toNanos();
        backlog.add(List.of(order(1)));
        now += Duration.ofSeconds(7).toNanos();
        backlog.free(Set.of(1L), Duration.ZERO); // not won

        assertThat(patience(backlog.claim(ALL))).isEqualTo(Duration.ofSeconds(1));
        backlog.add(List.of(order(1)));
        now += Duration.ofSeconds(9).toNanos();
        backlog.free(Set.of(1L), Duration.ZERO);
        assertThat(patience(backlog.claim(ALL))).as("one try").isEqualTo(Duration.ZERO);

        backlog.free(Set.of(1L), Duration.ZERO);
        backlog.add(List.of(order(1)));
        assertThat(patience(backlog.claim(ALL))).as("a new order").isEqualTo(PATIENCE);
    }

    @Test
    void whoWaitsBehindOthersThatAreServedHasAllItsPatience() {
        backlog.add(List.of(order(1), order(1)));
        backlog.claim(1);
        backlog.won(Set.of(1L));
        now += PATIENCE.toNanos() * 2;
        backlog.free(Set.of(1L), Duration.ZERO);
        now += REST.toNanos();
        assertThat(patience(backlog.claim(1))).isEqualTo(PATIENCE);
    }

    private List<List<Order>> claim(int most) {
        return backlog.claim(most).stream().map(Backlog.Component::orders).toList();
    }

    private static Duration patience(List<Backlog.Component> components) {
        return components.get(0).patience();
    }

    private static Order order(long... productIds) {
        List<OrderLine> lines = Arrays.stream(productIds)
                .mapToObj(productId -> new OrderLine(productId, 1))
                .toList();
        return new Order(UUID.randomUUID(), Mode.DISTRIBUTED, lines, Instant.EPOCH, null, null);
    }
}

package dev.turnstile.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.chaos.FaultSchedule.Strike;
import dev.turnstile.local.chaos.Step.Leaving;
import dev.turnstile.local.chaos.Step.Looking;
import dev.turnstile.local.chaos.Step.Ordering;
import dev.turnstile.local.chaos.Step.Pairing;
import dev.turnstile.local.chaos.Step.Restocking;
import dev.turnstile.local.chaos.Step.Sending;
import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChaosPlanTest {

    private static ChaosPlan plan(long seed) {
        return new ChaosPlan(seed, Duration.ofMinutes(5), 60, EnumSet.allOf(Kind.class));
    }

    @Test
    void theSameSeedGivesTheSameRequestsAndFaults() {
        assertThat(Workload.of(plan(1))).isEqualTo(Workload.of(plan(1))).isNotEqualTo(Workload.of(plan(2)));
        assertThat(FaultSchedule.of(plan(1)))
                .isEqualTo(FaultSchedule.of(plan(1)))
                .isNotEqualTo(FaultSchedule.of(plan(2)));
    }

    @Test
    void allKindsOfFaultsStrikeAboutEquallyOftenAndSomeAtTheSameTime() {
        List<Strike> strikes = FaultSchedule.of(plan(7));
        Map<Kind, Long> counts = strikes.stream().collect(Collectors.groupingBy(Strike::kind, Collectors.counting()));
        assertThat(counts).hasSize(Kind.values().length);
        assertThat(counts.values().stream().mapToLong(count -> count).max().orElseThrow())
                .isLessThanOrEqualTo(1
                        + counts.values().stream()
                                .mapToLong(count -> count)
                                .min()
                                .orElseThrow());
        assertThat(strikes).anyMatch(strike -> strikes.stream()
                .anyMatch(other -> other.atMs() > strike.atMs() && other.atMs() < strike.atMs() + strike.lastsMs()));
    }

    @Test
    void onlyTheKindsThatAreWantedStrike() {
        ChaosPlan plan = new ChaosPlan(1, Duration.ofMinutes(1), 1, Set.of(Kind.PAUSE));
        assertThat(FaultSchedule.of(plan)).isNotEmpty().allMatch(strike -> strike.kind() == Kind.PAUSE);
        assertThat(FaultSchedule.of(new ChaosPlan(1, Duration.ofMinutes(1), 1, Set.of())))
                .isEmpty();
    }

    @Test
    void clientsDoAllThatClientsDo() {
        List<Step> steps = Workload.of(plan(3));
        List<Pairing> pairs = steps.stream()
                .filter(Pairing.class::isInstance)
                .map(Pairing.class::cast)
                .toList();
        assertThat(pairs).isNotEmpty().allMatch(pair -> pair.second().atMs() > 0);
        List<Ordering> orders = Stream.of(
                        steps.stream().filter(Ordering.class::isInstance).map(Ordering.class::cast),
                        pairs.stream().map(Pairing::first),
                        pairs.stream().map(Pairing::second))
                .flatMap(some -> some)
                .toList();
        assertThat(orders.size()).isBetween(20_000, 28_000);
        assertThat(orders).extracting(Ordering::mode).containsOnly(dev.turnstile.order.Mode.values());
        assertThat(orders).extracting(order -> order.lines().size()).contains(1, 2, 3, 49, 50);
        assertThat(orders.stream()
                        .flatMap(order -> order.lines().stream())
                        .map(OrderLine::productId)
                        .distinct())
                .as("products of the catalogue")
                .hasSizeGreaterThan(500);
        assertThat(orders).anyMatch(order -> order.patienceMs() > 0).anyMatch(order -> order.prefer() != null);
        Map<String, Long> keys = orders.stream()
                .filter(order -> order.key() != null)
                .collect(Collectors.groupingBy(order -> String.valueOf(order.key()), Collectors.counting()));
        assertThat(keys.values()).contains(1L, 2L);
        assertThat(orders.stream().filter(order -> order.key() != null).count())
                .isBetween(orders.size() * 4L / 10, orders.size() * 6L / 10);
        assertThat(steps)
                .anyMatch(Leaving.class::isInstance)
                .anyMatch(Restocking.class::isInstance)
                .anyMatch(step -> step instanceof Looking looking && looking.follows());
        List<Sending> sendings = steps.stream()
                .filter(Sending.class::isInstance)
                .map(Sending.class::cast)
                .toList();
        assertThat(sendings).extracting(Sending::kind).contains(HostileRecord.values());
        assertThat(sendings).extracting(Sending::topic).containsAll(OrderTopics.OF_ORDERS);
    }

    @Test
    void whatMakesNoSenseIsNamed() {
        assertThatThrownBy(() -> new ChaosPlan(1, Duration.ZERO, 1, Set.of())).hasMessageContaining("minutes");
        assertThatThrownBy(() -> new ChaosPlan(1, Duration.ofMinutes(1), 0, Set.of()))
                .hasMessageContaining("rate");
    }
}

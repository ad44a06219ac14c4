package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.Run;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;

class RunDeciderTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration LEASE = Duration.ofSeconds(3);

    private final Ledger ledger = mock(Ledger.class);
    private final Ledger.Session session = mock(Ledger.Session.class);
    private final Map<UUID, Outcome> outcomes = new HashMap<>();
    private final RunDecider runs = new RunDecider(ledger, LEASE, 16);

    /** Why the ledger refuses a run, or null. */
    private Function<Run, @Nullable RuntimeException> failure = run -> null;

    RunDeciderTest() {
        when(ledger.open(LEASE)).thenReturn(session);
        when(session.decide(any(), any())).thenAnswer(call -> {
            Run run = call.getArgument(0);
            RuntimeException why = failure.apply(run);
            if (why != null) {
                throw why;
            }
            List<Decision> decisions = new ArrayList<>();
            for (Run.Entry entry : run.entries()) {
                decisions.add(decision(entry.order().id(), entry.ticket(), new Outcome.Fulfilled(List.of())));
            }
            return new DecidedRun(decisions, List.of());
        });
        when(ledger.setAside(any(), any(), any(), any()))
                .thenAnswer(call -> decision(call.getArgument(0), call.getArgument(2), call.getArgument(3)));
    }

    private Decision decision(UUID id, @Nullable Long ticket, Outcome outcome) {
        outcomes.put(id, outcome);
        return new Decision(id, Mode.FAIR, ticket, outcome, NOW);
    }

    private static RuntimeException sql(int number) {
        return new DataIntegrityViolationException("translated", new SQLException("no", "HY000", number));
    }

    private static List<Run.Entry> orders(int count) {
        List<Run.Entry> entries = new ArrayList<>();
        for (long i = 1; i <= count; i++) {
            entries.add(new Run.Entry(
                    new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), NOW, null, null), i));
        }
        return entries;
    }

    private Optional<DecidedRun> decide(List<Run.Entry> entries) {
        return runs.decide(new Run(Run.Guard.LINE, 1, entries), () -> true);
    }

    /** Goes on until all are decided; returns in how many runs. */
    private int decideAll(List<Run.Entry> entries) {
        List<Run.Entry> left = new ArrayList<>(entries);
        int tries = 0;
        while (!left.isEmpty() && tries < 100) {
            List<Run.Entry> run = List.copyOf(left.subList(0, Math.min(left.size(), runs.limit())));
            if (decide(run).isPresent()) {
                left.subList(0, run.size()).clear();
            }
            tries++;
        }
        assertThat(left).isEmpty();
        return tries;
    }

    @ParameterizedTest
    @ValueSource(ints = {1406, 1264, 1292, 1366, 3140, 3819, 4025})
    void theOrderThatTheLedgerRefusesIsSetAsideAloneByItsId(int number) {
        List<Run.Entry> entries = orders(40);
        UUID poison = entries.get(23).order().id();
        failure = run ->
                run.entries().stream().anyMatch(entry -> entry.order().id().equals(poison)) ? sql(number) : null;

        decideAll(entries);

        assertThat(outcomes).hasSize(40);
        assertThat(outcomes.values().stream().filter(Outcome.Invalid.class::isInstance))
                .hasSize(1);
        assertThat(outcomes.get(poison)).isInstanceOf(Outcome.Invalid.class);
        verify(ledger).setAside(eq(poison), eq(Mode.FAIR), eq(24L), any());
        verify(ledger, never()).refuse(any(), any());
        assertThat(runs.rest()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1146, 1142, 1290, 1836, 1021, 1114, 1040, 1205, 1213, 1062, 1193, 9999, 0})
    void noOrderIsGivenUpForWhatIsTheServersAndTheNextRunWaits(int number) {
        List<Run.Entry> entries = orders(1);
        failure = run -> sql(number);
        List<Duration> rests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            assertThat(decide(entries)).isEmpty();
            rests.add(runs.rest());
        }
        assertThat(rests).extracting(Duration::toMillis).containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
        verify(ledger, never()).setAside(any(), any(), any(), any());
        verify(ledger, never()).refuse(any(), any());
        failure = run -> null;
        assertThat(decide(entries)).isPresent();
        assertThat(runs.rest()).isZero();
        assertThat(outcomes.values()).allMatch(Outcome.Fulfilled.class::isInstance);
    }

    @Test
    void whatIsTooMuchAtOnceIsHalvedWithoutARest() {
        failure = run -> run.entries().size() > 2 ? sql(1153) : null;
        assertThat(decideAll(orders(32))).isLessThan(40);
        assertThat(outcomes.values()).allMatch(Outcome.Fulfilled.class::isInstance);
    }

    @Test
    void whatFailsForASizeThatNobodyForesawIsHalvedToo() {
        failure = run -> run.entries().size() > 2 ? new InvalidDataAccessResourceUsageException("too much") : null;
        assertThat(decideAll(orders(16))).isLessThan(40);
        assertThat(outcomes.values()).allMatch(Outcome.Fulfilled.class::isInstance);
    }

    @Test
    void anOrderTooLargeForTheServerIsKept() {
        failure = run -> sql(1153);
        List<Run.Entry> entries = orders(1);
        assertThat(decide(entries)).isEmpty();
        assertThat(decide(entries)).isEmpty();
        assertThat(runs.rest()).isPositive();
        verify(ledger, never()).setAside(any(), any(), any(), any());
    }

    @Test
    void whoCanNotBeSetAsideNowIsAfterARest() {
        failure = run -> sql(1406);
        doThrow(sql(1290)).when(ledger).setAside(any(), any(), any(), any());
        List<Run.Entry> entries = orders(1);
        assertThat(decide(entries)).isEmpty();
        assertThat(runs.rest()).isPositive();
    }

    @Test
    void whatNobodyForesawEndsTheRunAndNotTheThread() {
        failure = run -> new IllegalStateException("a stored outcome that this build can't read");
        assertThat(decide(orders(1))).isEmpty();
        assertThat(runs.rest()).isPositive();
    }
}

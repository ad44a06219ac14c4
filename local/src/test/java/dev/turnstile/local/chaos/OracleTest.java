package dev.turnstile.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle's own test: a run in which all is right, and one planted violation of each kind, which it must find alone. */
class OracleTest {

    private static final List<OrderLine> LINES = List.of(new OrderLine(1, 1), new OrderLine(2, 2));
    private static final List<OrderLine> OTHER_LINES = List.of(new OrderLine(1, 1));

    private final List<Exchange> history = new ArrayList<>();
    private final List<LedgerRow> rows = new ArrayList<>();
    private final List<Shelf> shelves = new ArrayList<>();
    private final List<Struck> faults = new ArrayList<>(List.of(new Struck(5, 9, Kind.KILL, "worker-1")));

    private static UUID id(int number) {
        return new UUID(0, number);
    }

    private void told(int number, int status, @Nullable UUID orderId, @Nullable String problem, @Nullable String key) {
        history.add(new Exchange(
                Exchange.Kind.ORDER,
                number,
                number * 10L,
                number * 10L + 5,
                Mode.FAIR,
                LINES,
                key,
                status,
                orderId,
                problem,
                false));
    }

    private void left(int number, int status, UUID orderId) {
        history.add(
                new Exchange(Exchange.Kind.LEAVE, number, 1, 2, null, List.of(), null, status, orderId, null, false));
    }

    private void set(int number, int status, long productId) {
        history.add(new Exchange(
                Exchange.Kind.RESTOCK,
                number,
                1,
                2,
                null,
                List.of(new OrderLine(productId, 5)),
                null,
                status,
                null,
                null,
                false));
    }

    private void row(int number, String status, Mode mode, List<OrderLine> lines, @Nullable Long ticket) {
        rows.add(new LedgerRow(rows.size() + 1L, id(number), mode.name(), status, lines, ticket, false));
    }

    private void row(int number, String status) {
        row(number, status, Mode.FAIR, LINES, (long) number);
    }

    private List<Rule> broken() {
        return Oracle.judge(history, rows, shelves, faults).stream()
                .map(Violation::rule)
                .toList();
    }

    @Test
    void aRunInWhichAllIsRightHasNoViolation() {
        told(1, 200, id(1), null, "a");
        row(1, Outcome.FULFILLED);
        told(2, 200, id(1), null, "a"); // again under its key
        told(3, 202, id(3), null, null);
        row(3, Outcome.OUT_OF_STOCK);
        told(4, 409, id(4), "out-of-stock", null);
        row(4, Outcome.OUT_OF_STOCK);
        told(5, 409, null, "out-of-stock", null); // at the door
        told(6, 410, id(6), "cancelled", null);
        row(6, Outcome.CANCELLED);
        left(7, 200, id(6));
        left(8, 409, id(3));
        told(9, 503, id(9), "lock-unavailable", null);
        row(9, Outcome.UNAVAILABLE);
        told(10, 503, id(10), "unavailable", null); // in doubt, and not there
        told(11, 0, null, "connection reset", null); // in doubt, and there
        row(11, Outcome.FULFILLED);
        told(12, 429, null, "line-full", null);
        set(13, 200, 2);
        set(14, 503, 2); // in doubt
        shelves.add(new Shelf(2, 1, 5, 1)); // two orders of two pieces were fulfilled
        assertThat(Oracle.judge(history, rows, shelves, faults)).isEmpty();
    }

    @Test
    void aFulfilledOrderThatIsNotInTheLedger() {
        told(1, 200, id(1), null, null);
        assertThat(broken()).containsExactly(Rule.FULFILLED_IS_IN_THE_LEDGER);
    }

    @Test
    void aFulfilledOrderThatWasRefused() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.OUT_OF_STOCK);
        assertThat(broken()).containsExactly(Rule.FULFILLED_IS_IN_THE_LEDGER);
    }

    @Test
    void aFulfilledOrderThatGotSomethingElse() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED, Mode.FAIR, OTHER_LINES, 1L);
        assertThat(broken()).containsExactly(Rule.FULFILLED_IS_IN_THE_LEDGER);
    }

    @Test
    void aFulfilledOrderOfTheOtherMode() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED, Mode.DISTRIBUTED, LINES, null);
        assertThat(broken()).containsExactly(Rule.FULFILLED_IS_IN_THE_LEDGER);
    }

    @Test
    void anAcceptedOrderThatHasNoOutcome() {
        told(1, 202, id(1), null, null);
        assertThat(broken()).containsExactly(Rule.ACCEPTED_IS_DECIDED);
    }

    @Test
    void aRefusedOrderThatTookSomething() {
        told(1, 409, id(1), "out-of-stock", null);
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.REFUSED_TOOK_NOTHING);
    }

    @Test
    void anOrderThatLeftAndGotSomething() {
        told(1, 410, id(1), "cancelled", null);
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.LEFT_IS_CANCELLED);
    }

    @Test
    void anOrderThatWasToldItLeftAndDidNot() {
        told(1, 202, id(1), null, null);
        row(1, Outcome.FULFILLED);
        left(2, 200, id(1));
        assertThat(broken()).containsExactly(Rule.LEFT_IS_CANCELLED);
    }

    @Test
    void anOrderThatIsSaidToBeDecidedAndIsNot() {
        told(1, 503, id(1), "unavailable", null);
        left(2, 409, id(1));
        assertThat(broken()).containsExactly(Rule.LEFT_IS_CANCELLED);
    }

    @Test
    void anOrderThatIsRefusedForWantOfTheLockAndSoldLater() {
        told(1, 503, id(1), "lock-unavailable", null);
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.UNAVAILABLE_IS_FINAL);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 422, 500, 502})
    void anAnswerThatNobodyPromised(int status) {
        told(1, status, null, null, null);
        assertThat(broken()).containsExactly(Rule.KNOWN_ANSWERS);
    }

    @Test
    void aKeyThatIsFulfilledTwice() {
        told(1, 200, id(1), null, "a");
        row(1, Outcome.FULFILLED);
        told(2, 200, id(2), null, "a");
        row(2, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.ONE_ORDER_PER_KEY);
    }

    @Test
    void anOrderWithTwoRows() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED);
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.ONE_OUTCOME);
    }

    @Test
    void aRowThatNobodySent() {
        told(1, 0, null, "connection reset", null);
        row(1, Outcome.FULFILLED);
        row(2, Outcome.FULFILLED); // one broken connection is no excuse for two
        assertThat(broken()).containsExactly(Rule.NOTHING_FROM_NOWHERE);
    }

    @Test
    void aRowOfWhichEverybodyWasToldSomethingElse() {
        told(1, 429, null, "line-full", null);
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.NOTHING_FROM_NOWHERE);
    }

    @Test
    void aLaterTicketThatIsCommittedFirst() {
        told(2, 200, id(2), null, null);
        row(2, Outcome.FULFILLED);
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED, Mode.FAIR, LINES, 1L);
        assertThat(broken()).containsOnly(Rule.TICKET_ORDER).isNotEmpty();
    }

    @Test
    void anOrderThatIsOvertakenThoughTheLineForgotNothing() {
        told(1, 202, id(1), null, null);
        rows.add(new LedgerRow(1, id(1), "FAIR", Outcome.FULFILLED, LINES, 1L, true));
        assertThat(broken()).containsExactly(Rule.OVERTAKEN_FOR_A_REASON);

        faults.add(new Struck(5, 6, Kind.FLUSHALL, "redis-line"));
        assertThat(broken()).isEmpty();
    }

    @Test
    void aChangeOfStockThatIsConfirmedAndNotBooked() {
        set(1, 200, 2);
        set(2, 200, 2);
        shelves.add(new Shelf(2, 5, 5, 1));
        assertThat(broken()).containsExactly(Rule.CHANGES_ARE_BOOKED);
    }

    @Test
    void aChangeOfStockThatNobodyAskedFor() {
        set(1, 200, 2);
        shelves.add(new Shelf(2, 5, 5, 2));
        assertThat(broken()).containsExactly(Rule.CHANGES_ARE_BOOKED);
    }

    @Test
    void piecesThatAreSoldAndStillThere() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED);
        set(2, 200, 2);
        shelves.add(new Shelf(2, 5, 5, 1));
        assertThat(broken()).containsExactly(Rule.STOCK_ADDS_UP);
    }

    @Test
    void piecesThatAreSoldTwice() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED);
        set(2, 200, 2);
        shelves.add(new Shelf(2, -1, 1, 1));
        assertThat(broken()).containsExactly(Rule.STOCK_ADDS_UP);
    }

    @Test
    void namesTheRequestTheOrderAndTheFaultBefore() {
        told(1, 200, id(1), null, null);
        assertThat(Oracle.judge(history, rows, shelves, faults).get(0).toString())
                .contains("ORDER 1")
                .contains(id(1).toString())
                .contains("kill worker-1");
    }
}

package dev.turnstile.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.chaos.Evidence.Published;
import dev.turnstile.local.chaos.Exchange.Answer;
import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * The oracle's own test: a run in which all is right, and one planted violation of each kind, which it must find alone.
 */
class OracleTest {

    private static final List<OrderLine> LINES = List.of(new OrderLine(1, 1), new OrderLine(2, 2));
    private static final long EPOCH = 1L << 40;
    private static final List<OrderLine> OTHER_LINES = List.of(new OrderLine(1, 1));

    private final List<Exchange> history = new ArrayList<>();
    private final List<LedgerRow> rows = new ArrayList<>();
    private final List<ProductStock> shelves = new ArrayList<>();
    private final List<InjectedFault> faults = new ArrayList<>(List.of(new InjectedFault(5, 9, Kind.KILL, "worker-1")));

    private final List<Published> published = new ArrayList<>();
    private final Map<UUID, HostileRecord> hostile = new HashMap<>();

    private static UUID id(int number) {
        return new UUID(0, number);
    }

    private void told(int number, int status, @Nullable UUID orderId, @Nullable String problem, @Nullable String key) {
        told(number, number * 10L, number * 10L + 5, key, answer(status, orderId, problem, null));
    }

    private void told(int number, long sentMs, long answeredMs, @Nullable String key, Answer answer) {
        told(number, sentMs, answeredMs, Mode.FAIR, key, answer);
    }

    private void told(int number, long sentMs, long answeredMs, Mode mode, @Nullable String key, Answer answer) {
        history.add(new Exchange(Exchange.Kind.ORDER, number, sentMs, answeredMs, mode, LINES, key, answer, false));
    }

    /** An answer as the API gives it, without the shortages. */
    private static Answer answer(int status, @Nullable UUID orderId, @Nullable String problem, @Nullable Long ticket) {
        Map<String, Object> body = new HashMap<>();
        if (orderId != null) {
            body.put("orderId", orderId);
        }
        if (ticket != null) {
            body.put("ticket", ticket);
        }
        if (problem != null) {
            body.put("type", "/problems/" + problem);
        }
        if ("out-of-stock".equals(problem)) {
            body.put("shortages", List.of(Map.of("productId", 1, "requested", 1, "available", 0)));
        }
        if (status == 200 || status == 202) {
            body.put("status", status == 200 ? Outcome.FULFILLED : "WAITING");
        }
        return Answers.of(status, JsonMapper.shared().writeValueAsString(body), null);
    }

    private static Answer accepted(int number, long ticket) {
        return answer(202, id(number), null, ticket);
    }

    private static Answer fulfilled(int number, long ticket) {
        return answer(200, id(number), null, ticket);
    }

    private void asked(Exchange.Kind kind, long sentMs, Answer answer) {
        history.add(new Exchange(kind, history.size(), sentMs, sentMs + 2, null, List.of(), null, answer, false));
    }

    private static Answer is(int number, @Nullable String told) {
        return new Answer(told == null ? 404 : 200, id(number), null, told, null, List.of());
    }

    private void left(int number, int status, UUID orderId) {
        asked(Exchange.Kind.LEAVE, number * 10L, Answer.of(status, orderId, status == 409 ? "already-decided" : null));
    }

    private void set(int number, int status, long productId) {
        set(number, status, productId, 1);
    }

    private void set(int number, int status, long productId, long sentMs) {
        List<OrderLine> stock = List.of(new OrderLine(productId, 5));
        history.add(new Exchange(
                Exchange.Kind.RESTOCK,
                number,
                sentMs,
                sentMs + 2,
                null,
                stock,
                null,
                Answer.of(status, null, null),
                false));
    }

    private void row(int number, String status, Mode mode, List<OrderLine> lines, @Nullable Long ticket) {
        rows.add(new LedgerRow(rows.size() + 1L, id(number), mode.name(), status, lines, ticket, false));
    }

    private void row(int number, String status) {
        row(number, status, Mode.FAIR, LINES, (long) number);
    }

    private void overtaken(int number, long ticket) {
        rows.add(new LedgerRow(rows.size() + 1L, id(number), Mode.FAIR.name(), Outcome.FULFILLED, LINES, ticket, true));
    }

    private List<Violation> judged() {
        return Oracle.judge(new Evidence(history, rows, shelves, faults, published, hostile));
    }

    private List<Rule> broken() {
        return judged().stream().map(Violation::rule).toList();
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
        told(5, 409, null, "out-of-stock", null); // at admission
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
        shelves.add(new ProductStock(2, 1, 5, 1)); // two orders of two pieces were fulfilled
        assertThat(judged()).isEmpty();
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
    void anOrderThatIsOvertakenThoughTheLineStillRememberedItsEpochAfterItWasPublished() {
        told(1, 10, 15, null, accepted(1, 1));
        told(2, 20, 25, null, accepted(2, 2));
        row(2, Outcome.FULFILLED);
        overtaken(1, 1);
        faults.add(new InjectedFault(12, 14, Kind.FAILOVER, "redis-line")); // near, and yet no reason
        assertThat(broken()).containsExactly(Rule.OVERTAKEN_FOR_A_REASON);
    }

    @Test
    void anOrderUnderAKeyMayNotBeOvertakenEither() {
        told(1, 10, 15, "a", accepted(1, 1));
        told(2, 20, 25, null, accepted(2, 2));
        row(2, Outcome.FULFILLED);
        overtaken(1, 1);
        assertThat(broken()).containsExactly(Rule.OVERTAKEN_FOR_A_REASON);
    }

    @Test
    void anOrderMayBeOvertakenThatMayHaveBeenPublishedAfterItsEpoch() {
        told(1, 10, 15, null, accepted(1, 1));
        told(2, 20, 25, null, accepted(2, EPOCH + 1));
        row(2, Outcome.FULFILLED, Mode.FAIR, LINES, EPOCH + 1);
        overtaken(1, 1);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anOrderMayBeOvertakenThatWasPublishedLate() {
        told(1, 10, 10 + LineRules.PROMPTLY_MS, null, accepted(1, 1));
        told(2, 5000, 5005, null, accepted(2, 2));
        row(2, Outcome.FULFILLED);
        overtaken(1, 1);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anOrderThatIsOvertakenThoughOneBehindItInItsPartitionWasAccepted() {
        told(1, 10, 4000, null, fulfilled(1, 1));
        told(2, 20, 25, null, accepted(2, 2));
        told(3, 30, 35, null, accepted(3, 3));
        row(2, Outcome.FULFILLED);
        row(3, Outcome.FULFILLED);
        overtaken(1, 1);
        published.add(new Published(7, id(1), 1));
        published.add(new Published(7, id(2), 2));
        published.add(new Published(7, id(1), 1)); // once more
        assertThat(broken()).containsExactly(Rule.OVERTAKEN_FOR_A_REASON);

        published.remove(0); // it was behind
        assertThat(broken()).isEmpty();
    }

    @Test
    void anOrderThatIsSentAfterAnotherHasItsTicketAndGetsASmallerOne() {
        told(1, 10, 15, null, accepted(1, 5));
        told(2, 16, 20, null, fulfilled(2, 4));
        row(2, Outcome.FULFILLED, Mode.FAIR, LINES, 4L);
        row(1, Outcome.FULFILLED, Mode.FAIR, LINES, 5L);
        assertThat(broken()).containsExactly(Rule.FIRST_COME);
    }

    @Test
    void anOrderWhoseTicketOnlyTheLedgerTells() {
        told(1, 10, 15, null, accepted(1, 5));
        told(2, 16, 20, null, answer(503, id(2), "unavailable", null));
        row(2, Outcome.FULFILLED, Mode.FAIR, LINES, 4L);
        row(1, Outcome.FULFILLED, Mode.FAIR, LINES, 5L);
        assertThat(broken()).containsExactly(Rule.FIRST_COME);
    }

    @Test
    void anOrderThatIsSentBeforeAnotherIsAnsweredMayGetTheSmallerTicket() {
        told(1, 10, 15, null, accepted(1, 5));
        told(2, 15, 20, null, fulfilled(2, 4));
        told(3, 2, 3, "a", answer(0, null, "connection reset", null));
        told(4, 30, 35, "a", fulfilled(4, 3)); // who repeats has the place of the first time
        row(4, Outcome.FULFILLED, Mode.FAIR, LINES, 3L);
        row(2, Outcome.FULFILLED, Mode.FAIR, LINES, 4L);
        row(1, Outcome.FULFILLED, Mode.FAIR, LINES, 5L);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anOrderThatIsToldAnotherTicketThanItHas() {
        told(1, 10, 15, null, fulfilled(1, 2));
        row(1, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.FULFILLED_IS_IN_THE_LEDGER);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void someoneIsRefusedAtTheDoorAndSomeoneWhoComesLaterIsServed(Mode mode) {
        told(1, 2000, 2005, mode, null, answer(409, null, "out-of-stock", null));
        told(2, 2006, 2010, mode, null, answer(200, id(2), null, null));
        row(2, Outcome.FULFILLED, mode, LINES, mode == Mode.FAIR ? 2L : null);
        set(3, 503, 1, 2006); // in doubt, and not booked
        assertThat(broken()).containsExactly(Rule.REFUSED_WHAT_IS_NOT_THERE);

        set(4, 200, 1, 3000); // too late
        shelves.add(new ProductStock(1, 0, 1, 1));
        assertThat(broken()).containsExactly(Rule.REFUSED_WHAT_IS_NOT_THERE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1003, 2003, 2007})
    void someoneWhoComesLaterIsServedOfWhatWasBookedMeanwhile(long setMs) {
        told(1, 2000, 2005, null, answer(409, null, "out-of-stock", null));
        told(2, 2006, 2010, null, fulfilled(2, 2));
        row(2, Outcome.FULFILLED);
        set(3, 200, 1, setMs);
        shelves.add(new ProductStock(1, 4, 5, 1));
        assertThat(broken()).isEmpty();
    }

    @Test
    void someoneIsRefusedAtTheDoorByStockThatWasSetLongAgo() {
        set(3, 200, 1, 900);
        told(1, 2000, 2005, null, answer(409, null, "out-of-stock", null));
        told(2, 2006, 2010, null, fulfilled(2, 2));
        row(2, Outcome.FULFILLED);
        shelves.add(new ProductStock(1, 0, 1, 1));
        assertThat(broken()).containsExactly(Rule.REFUSED_WHAT_IS_NOT_THERE);
    }

    @Test
    void someoneIsRefusedWhatIsThereAtTheEnd() {
        set(3, 200, 1, 900);
        told(1, 2000, 2005, null, answer(409, null, "out-of-stock", null));
        shelves.add(new ProductStock(1, 5, 5, 1));
        assertThat(broken()).containsExactly(Rule.REFUSED_WHAT_IS_NOT_THERE);
    }

    @Test
    void someoneWhoIsAskingWhileAnotherIsRefusedMayBeServedBeforeThat() {
        told(1, 2000, 2005, null, answer(409, null, "out-of-stock", null));
        told(2, 2005, 2010, null, fulfilled(2, 2));
        row(2, Outcome.FULFILLED);
        assertThat(broken()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"3, 1, 0", "1, 7, 0", "1, 1, 1", "1, 1, -1"})
    void aRefusalThatNamesNothingThatIsShort(long productId, int requested, int available) {
        List<Shortage> shortages = List.of(new Shortage(productId, requested, available));
        told(1, 10, 15, null, new Answer(409, null, "out-of-stock", null, null, shortages));
        assertThat(broken()).containsExactly(Rule.REFUSED_TOOK_NOTHING);

        history.clear();
        told(1, 10, 15, null, new Answer(409, null, "out-of-stock", null, null, List.of()));
        assertThat(broken()).containsExactly(Rule.REFUSED_TOOK_NOTHING);
    }

    @Test
    void aRequestIsRefusedAtTheDoorThoughItsOrderIsDecided() {
        told(1, 200, id(1), null, "a");
        row(1, Outcome.FULFILLED);
        told(2, 409, null, "out-of-stock", "a");
        assertThat(broken()).containsExactly(Rule.REFUSED_TOOK_NOTHING);
    }

    @Test
    void aRequestMayBeRefusedAtTheDoorAndServedAtTheNextTry() {
        told(1, 10, 15, "a", answer(409, null, "out-of-stock", null));
        set(3, 200, 1, 16);
        told(2, 20, 25, "a", fulfilled(2, 2));
        row(2, Outcome.FULFILLED);
        shelves.add(new ProductStock(1, 4, 5, 1));
        assertThat(broken()).isEmpty();
    }

    @Test
    void twoAnswersUnderOneKeyNameTwoOrders() {
        told(1, 10, 15, "a", accepted(1, 1));
        told(2, 10, 15, "a", fulfilled(2, 2));
        row(1, Outcome.OUT_OF_STOCK);
        row(2, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.ONE_ORDER_PER_KEY);
    }

    @Test
    void anAttemptThatEndsForWantOfTheLockMayBeMadeAgain() {
        told(1, 10, 15, Mode.DISTRIBUTED, "a", answer(0, null, "connection reset", null));
        told(2, 20, 25, Mode.DISTRIBUTED, "a", answer(503, id(2), "lock-unavailable", null));
        told(3, 30, 35, Mode.DISTRIBUTED, "a", answer(200, id(3), null, null));
        row(1, Outcome.UNAVAILABLE, Mode.DISTRIBUTED, LINES, null);
        row(2, Outcome.UNAVAILABLE, Mode.DISTRIBUTED, LINES, null);
        row(3, Outcome.FULFILLED, Mode.DISTRIBUTED, LINES, null);
        assertThat(broken()).isEmpty();
    }

    @Test
    void aRequestThatIsSentTwiceWithoutAnAnswerIsOrderedTwice() {
        told(1, 0, null, "connection reset", "a");
        told(2, 0, null, "connection reset", "a");
        row(1, Outcome.FULFILLED);
        assertThat(broken()).isEmpty();

        row(2, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.NOTHING_FROM_NOWHERE);
    }

    @Test
    void aRequestIsOrderedOnceMoreThoughItsOrderIsKnown() {
        told(1, 0, null, "connection reset", "a");
        told(2, 200, id(2), null, "a");
        row(1, Outcome.FULFILLED);
        row(2, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.NOTHING_FROM_NOWHERE);
    }

    /** An order is known to be decided at 15; another one is sent at 20, and gets the ticket before the given one. */
    private void aDecidedOrderUnderAKey(long ticket, long next) {
        told(1, 10, 15, "a", fulfilled(1, ticket));
        row(1, Outcome.FULFILLED, Mode.FAIR, LINES, ticket);
        told(2, 20, 25, null, fulfilled(2, next - 1));
        row(2, Outcome.FULFILLED, Mode.FAIR, LINES, next - 1);
    }

    @Test
    void aRequestIsRepeatedAndTheLineHasForgottenItsKeyThoughNotItsTickets() {
        aDecidedOrderUnderAKey(1, 3);
        told(3, 30, 35, "a", accepted(1, 3));
        assertThat(broken()).containsExactly(Rule.ACCEPTED_IS_DECIDED);
    }

    @Test
    void aRequestIsRepeatedAfterTheLineHasLostItsMemory() {
        aDecidedOrderUnderAKey(1, EPOCH + 3);
        told(3, 30, 35, "a", accepted(1, EPOCH + 3));
        told(4, 40, 45, "a", accepted(1, EPOCH + 3)); // it is still there
        assertThat(broken()).isEmpty();

        told(5, 50, 55, null, fulfilled(5, EPOCH + 4));
        row(5, Outcome.FULFILLED, Mode.FAIR, LINES, EPOCH + 4);
        told(6, 60, 65, "a", accepted(1, EPOCH + 5)); // and the new memory forgets its key
        assertThat(broken()).containsExactly(Rule.ACCEPTED_IS_DECIDED);
    }

    @Test
    void aRequestIsRepeatedWhileItsTicketIsInTheLineStill() {
        told(1, 10, 15, "a", accepted(1, 1));
        row(1, Outcome.FULFILLED);
        asked(Exchange.Kind.LOOK, 16, is(1, Outcome.FULFILLED));
        told(2, 20, 25, null, fulfilled(2, 2));
        row(2, Outcome.FULFILLED);
        told(3, 30, 35, "a", accepted(1, 1));
        assertThat(broken()).isEmpty();
    }

    /**
     * The publication at its first ticket was in doubt, so the repeated request drew another one before it was decided.
     */
    @Test
    void aRequestIsRepeatedWhoseOrderHasTwoTickets() {
        told(1, 10, 15, "a", answer(503, null, "unavailable", null));
        told(2, 16, 18, "a", accepted(1, 2));
        row(1, Outcome.FULFILLED);
        asked(Exchange.Kind.LOOK, 20, is(1, Outcome.FULFILLED));
        told(3, 30, 35, "a", accepted(1, 2));
        assertThat(broken()).isEmpty();
    }

    /** It was asked for before that, and its API stood still before it drew. */
    @Test
    void aRequestDrawsLateThatWasSentBeforeItsOrderWasKnownToBeDecided() {
        aDecidedOrderUnderAKey(1, 3);
        told(3, 12, 32, "a", accepted(1, 3));
        told(4, 30, 35, "a", accepted(1, 3));
        assertThat(broken()).isEmpty();

        told(5, 13, 60, "a", answer(0, null, "closed", null));
        assertThat(broken()).isEmpty();
    }

    private void aDistributedOrderIsRepeated(long sentMs) {
        told(1, 20, 25, Mode.DISTRIBUTED, "a", answer(200, id(1), null, null));
        row(1, Outcome.FULFILLED, Mode.DISTRIBUTED, LINES, null);
        told(2, sentMs, sentMs + 5, Mode.DISTRIBUTED, "a", answer(202, id(1), null, null));
    }

    @Test
    void aDistributedRequestIsRepeatedAndRedisHasForgottenItsKeyAlone() {
        aDistributedOrderIsRepeated(30);
        told(3, 10, 15, null, fulfilled(3, 3));
        row(3, Outcome.FULFILLED);
        assertThat(broken()).isEmpty(); // it may have lost its memory

        told(4, 40, 45, null, fulfilled(4, 4));
        row(4, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.ACCEPTED_IS_DECIDED);

        faults.add(new InjectedFault(30, 40, Kind.CUT, "api-0 to redis-line")); // too late
        assertThat(broken()).containsExactly(Rule.ACCEPTED_IS_DECIDED);

        faults.add(new InjectedFault(22, 40, Kind.CUT, "api-0 to redis-line")); // it may not have been asked
        assertThat(broken()).isEmpty();
    }

    private void anOrder(Mode mode, String status) {
        told(1, 10, 15, mode, null, accepted(1, 1));
        row(1, status, mode, LINES, mode == Mode.FAIR ? 1L : null);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOOK", "FOLLOW"})
    void whoeverAsksIsToldWhatTheLedgerHolds(Exchange.Kind kind) {
        anOrder(Mode.FAIR, Outcome.OUT_OF_STOCK);
        asked(kind, 20, is(1, Exchange.WAITING));
        asked(kind, 21, is(1, Outcome.OUT_OF_STOCK)); // meanwhile
        asked(kind, 30, is(1, Outcome.OUT_OF_STOCK));
        assertThat(broken()).isEmpty();

        asked(kind, 40, is(1, Outcome.FULFILLED));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOOK", "FOLLOW"})
    void anOrderThatWaitsAfterItWasDecided(Exchange.Kind kind) {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        asked(kind, 20, is(1, Outcome.FULFILLED));
        asked(kind, 30, is(1, Exchange.WAITING));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @Test
    void aStreamThatGoesOnAfterTheOutcome() {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        String decided = "event:decided\ndata:{\"orderId\":\"%s\",\"status\":\"FULFILLED\"}\n\n".formatted(id(1));
        asked(Exchange.Kind.FOLLOW, 20, Answers.ofEvents(": nothing\n\n" + decided, id(1)));
        assertThat(broken()).isEmpty();

        asked(Exchange.Kind.FOLLOW, 20, Answers.ofEvents(decided + decided, id(1)));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @Test
    void anAnswerAboutAnotherOrder() {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        String other = "{\"orderId\":\"%s\",\"status\":\"FULFILLED\"}".formatted(id(2));
        asked(Exchange.Kind.LOOK, 20, Answers.of(200, other, id(1)));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOOK", "FOLLOW", "LEAVE"})
    void anOrderIsAcceptedAndNotFound(Exchange.Kind kind) {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        asked(kind, 16, is(1, null));
        assertThat(broken()).isEmpty(); // the line may have lost its memory

        told(2, 30, 35, null, accepted(2, 2)); // it has not
        row(2, Outcome.FULFILLED);
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOOK", "FOLLOW", "LEAVE"})
    void anOrderIsDecidedAndNotFound(Exchange.Kind kind) {
        anOrder(Mode.DISTRIBUTED, Outcome.FULFILLED);
        asked(kind, 20, is(1, null)); // it waits elsewhere
        assertThat(broken()).isEmpty();

        asked(Exchange.Kind.LOOK, 20, is(1, Outcome.FULFILLED));
        asked(kind, 30, is(1, null));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @Test
    void anAnswerToAQuestionThatNobodyPromised() {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        asked(Exchange.Kind.LOOK, 20, Answer.of(500, id(1), "internal-error"));
        assertThat(broken()).containsExactly(Rule.QUESTIONS_ARE_ANSWERED);
    }

    @Test
    void anOrderThatIsToldItIsDecidedOtherwise() {
        anOrder(Mode.FAIR, Outcome.FULFILLED);
        String body = "{\"orderId\":\"%s\",\"type\":\"/problems/already-decided\",\"outcome\":\"%s\"}";
        asked(Exchange.Kind.LEAVE, 20, Answers.of(409, body.formatted(id(1), Outcome.FULFILLED), id(1)));
        assertThat(broken()).isEmpty();

        asked(Exchange.Kind.LEAVE, 20, Answers.of(409, body.formatted(id(1), Outcome.OUT_OF_STOCK), id(1)));
        assertThat(broken()).containsExactly(Rule.LEFT_IS_CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(HostileRecord.class)
    void aHostileRecordThatIsSold(HostileRecord kind) {
        hostile.put(id(1), kind);
        row(1, Outcome.INVALID);
        assertThat(broken()).isEmpty();

        rows.clear();
        row(1, Outcome.FULFILLED);
        assertThat(broken()).isEqualTo(kind.mayBeSold() ? List.of() : List.of(Rule.HOSTILE_RECORDS_SELL_NOTHING));
    }

    @Test
    void aChangeOfStockThatIsConfirmedAndNotBooked() {
        set(1, 200, 2);
        set(2, 200, 2);
        shelves.add(new ProductStock(2, 5, 5, 1));
        assertThat(broken()).containsExactly(Rule.CHANGES_ARE_BOOKED);
    }

    @Test
    void aChangeOfStockThatNobodyAskedFor() {
        set(1, 200, 2);
        shelves.add(new ProductStock(2, 5, 5, 2));
        assertThat(broken()).containsExactly(Rule.CHANGES_ARE_BOOKED);
    }

    @Test
    void piecesThatAreSoldAndStillThere() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED);
        set(2, 200, 2);
        shelves.add(new ProductStock(2, 5, 5, 1));
        assertThat(broken()).containsExactly(Rule.STOCK_ADDS_UP);
    }

    @Test
    void piecesThatAreSoldTwice() {
        told(1, 200, id(1), null, null);
        row(1, Outcome.FULFILLED);
        set(2, 200, 2);
        shelves.add(new ProductStock(2, -1, 1, 1));
        assertThat(broken()).containsExactly(Rule.STOCK_ADDS_UP);
    }

    @Test
    void namesTheRequestTheOrderAndTheFaultBefore() {
        told(1, 200, id(1), null, null);
        assertThat(judged().get(0).toString())
                .contains("ORDER 1")
                .contains(id(1).toString())
                .contains("kill worker-1");
    }
}

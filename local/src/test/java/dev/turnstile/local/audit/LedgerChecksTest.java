package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.audit.AuditReport.CheckResult;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each check of the ledger against rows that are right and rows that are not. */
class LedgerChecksTest {

    private static final long A = 1;

    private final LedgerRows ledger = new LedgerRows();

    @Test
    void sumsHoldWhenBookedMinusSoldIsStored() {
        ledger.booked(A, 5)
                .fulfilled(1, A, 2, 3)
                .booked(A, 4)
                .refused(2, A, 9, 7)
                .stored(A, 7, 2, 101, 0);
        CheckResult sums = sums();
        assertThat(sums.violations()).isZero();
        assertThat(sums.checked()).isOne();
    }

    @Test
    void sumsTellHowManyPiecesAreTooMany() {
        ledger.booked(A, 5).fulfilled(1, A, 2, 3).stored(A, 4, 1, 100, 0);
        assertThat(sums().rows()).singleElement().satisfies(row -> {
            assertThat(row.productId()).isEqualTo(A);
            assertThat(row.what()).isEqualTo("5 booked, 2 sold, 4 stored: 1 too many");
        });
    }

    @Test
    void whatWasSoldHasAStockRowAndIsNeverNegative() {
        ledger.fulfilled(1, A, 2, 0).booked(2, -1).stored(2, -1, 0, 0, 0);
        assertThat(sums().rows())
                .extracting(Finding::what)
                .containsExactly(
                        "0 booked, 2 sold, and there is no stock row", "-1 booked, 0 sold, -1 stored: negative");
    }

    @Test
    void nobodyGetsLaterWhatTheDoorRefusedUnlessStockWasBooked() {
        List<AdmissionRejection> turnedAway = List.of(
                new AdmissionRejection(A, 3, 2, 10),
                new AdmissionRejection(A, 5, 1, 20),
                new AdmissionRejection(2, 9, 1, 1));
        ledger.booked(A, 5, 1, 0)
                .fulfilled(10, A, 2, 3)
                .fulfilled(11, A, 1, 2)
                .fulfilled(12, A, 2, 0)
                .booked(A, -1, 4, 12)
                .booked(A, 9, 6, 30)
                .fulfilled(30, A, 1, 8)
                .fulfilled(31, A, 5, 3)
                .fulfilled(40, 3, 1, 0);
        CheckResult door = ledger.judge(
                Check.DOOR_REFUSALS, (stock, findings) -> new AdmissionRejections(turnedAway, stock, findings));
        assertThat(door.rows())
                .extracting(Finding::what)
                .containsExactly(
                        "ticket 12 got 2, which had been refused at admission at version 3, and nothing was booked since",
                        "ticket 30 got 1, which had been refused at admission at version 5, and nothing was booked since");
        assertThat(door.checked()).isEqualTo(3);
    }

    @Test
    void whatDeletedOrdersGotAndWereIsPartOfTheBooks() {
        ledger.booked(A, 10).retired(A, 6, 40).fulfilled(41, A, 1, 3).stored(A, 3, 41, 100, 0);
        ledger.retired(2, 0, 7).stored(2, 0, 7, 0, 0);
        assertThat(sums().rows()).isEmpty();
        assertThat(ledger.judge(
                                Check.STOCK_LEVELS,
                                (stock, findings) -> new StockLevels(stock, product -> true, findings))
                        .rows())
                .isEmpty();
        assertThat(ledger.judge(Check.STOCK_MARKS, StockMarks::new).rows()).isEmpty();
        ledger.retired(A, 5, 40);
        assertThat(sums().rows()).extracting(Finding::what).containsExactly("10 booked, 6 sold, 3 stored: 1 too few");
    }

    @Test
    void anOrderMayHaveBeenOvertakenByOneThatIsDeleted() {
        ledger.retired(A, 1, 40).overtaken(39, A).overtaken(42, A);
        AuditReport tickets = ledger.report((stock, findings) -> new TicketOrder(stock, product -> true, findings));
        assertThat(tickets.of(Check.OVERTAKEN_FLAGS).rows())
                .extracting(Finding::what)
                .singleElement()
                .asString()
                .startsWith("ticket 42 is recorded as overtaken");
    }

    private CheckResult sums() {
        return ledger.judge(Check.STOCK_SUMS, (stock, findings) -> new StockSums(stock, product -> true, findings));
    }

    @Test
    void rowAndOutcomeSayTheSame() {
        Outcome cancelled = new Outcome.Cancelled();
        LedgerOrder right = ledger.order("FAIR", A, 1, cancelled, 1L, 0, false, ledger.now());
        ledger.add(right)
                .add(new LedgerOrder(
                        2,
                        UUID.randomUUID(),
                        "FAIR",
                        Outcome.FULFILLED,
                        right.lines(),
                        cancelled,
                        2L,
                        0,
                        false,
                        ledger.now(),
                        null))
                .add(new LedgerOrder(
                        3,
                        UUID.randomUUID(),
                        "FAIR",
                        "STOLEN",
                        right.lines(),
                        null,
                        3L,
                        0,
                        false,
                        ledger.now(),
                        "junk"))
                .add(ledger.order("MAGIC", A, 1, cancelled, null, 0, false, ledger.now()));
        assertThat(ledger.judge(Check.KNOWN_OUTCOMES, (stock, findings) -> new KnownOutcomes(findings))
                        .rows())
                .extracting(Finding::what)
                .containsExactly("its status is FULFILLED, its outcome says CANCELLED", "junk", "its mode is MAGIC");
    }

    static List<Outcome> rightOutcomes() {
        return List.of(
                new Outcome.Fulfilled(List.of(new StockLevel(A, 0))),
                new Outcome.OutOfStock(List.of(new Shortage(A, 2, 1))),
                new Outcome.UnknownProduct(List.of(A)),
                new Outcome.Cancelled(),
                new Outcome.Unavailable("the lock was not acquired in time"),
                new Outcome.Invalid("no JSON"));
    }

    @ParameterizedTest
    @MethodSource("rightOutcomes")
    void everyKindOfOutcomeFitsItsLines(Outcome outcome) {
        assertThat(allOrNone(2, outcome).violations()).isZero();
    }

    static List<Outcome> wrongOutcomes() {
        return List.of(
                new Outcome.Fulfilled(List.of()),
                new Outcome.Fulfilled(List.of(new StockLevel(A, -1))),
                new Outcome.Fulfilled(List.of(new StockLevel(A, 1), new StockLevel(A, 1))),
                new Outcome.Fulfilled(List.of(new StockLevel(A, 1), new StockLevel(2, 1))),
                new Outcome.OutOfStock(List.of()),
                new Outcome.OutOfStock(List.of(new Shortage(A, 2, 2))),
                new Outcome.OutOfStock(List.of(new Shortage(A, 2, -1))),
                new Outcome.OutOfStock(List.of(new Shortage(A, 3, 1))),
                new Outcome.OutOfStock(List.of(new Shortage(2, 2, 1))),
                new Outcome.UnknownProduct(List.of()),
                new Outcome.UnknownProduct(List.of(2L)));
    }

    @ParameterizedTest
    @MethodSource("wrongOutcomes")
    void anOutcomeThatDoesNotFitItsLinesIsAViolation(Outcome outcome) {
        assertThat(allOrNone(2, outcome).violations()).isOne();
    }

    @Test
    void nobodyOrdersNothing() {
        assertThat(allOrNone(0, new Outcome.Fulfilled(List.of(new StockLevel(A, 5))))
                        .rows())
                .singleElement()
                .satisfies(row -> assertThat(row.what()).isEqualTo("FULFILLED: it wants 0 of product 1"));
    }

    private CheckResult allOrNone(int quantity, Outcome outcome) {
        return ledger.fair(1, A, quantity, outcome)
                .judge(Check.ALL_OR_NONE, (stock, findings) -> new AllOrNone(findings));
    }

    @Test
    void levelsFollowFromSalesAndBookedChanges() {
        ledger.booked(A, 5)
                .fulfilled(1, A, 2, 3)
                .refused(2, A, 4, 3)
                .booked(A, 7)
                .booked(A, -1)
                .fulfilled(3, A, 4, 5);
        AuditReport report = levels();
        assertThat(report.of(Check.STOCK_LEVELS).violations()).isZero();
        assertThat(report.of(Check.STOCK_LEVELS).checked()).isEqualTo(3);
        assertThat(report.of(Check.FAIR_REFUSALS).violations()).isZero();
    }

    @Test
    void anOrderThatWasToldSomethingElseIsAViolation() {
        ledger.booked(A, 5).fulfilled(1, A, 2, 4).fulfilled(2, A, 1, 2);
        assertThat(levels().of(Check.STOCK_LEVELS).rows()).singleElement().satisfies(row -> {
            assertThat(row.commitSeq()).isOne();
            assertThat(row.what()).isEqualTo("was reported that 4 remained, where 3 follows from what was before");
        });
    }

    @Test
    void aLaterTicketThatGotWhatAnEarlierOneWasRefusedIsAViolation() {
        ledger.booked(A, 5)
                .refused(1, A, 2, 1)
                .refused(2, A, 2, 1)
                .fulfilled(3, A, 3, 2)
                .fulfilled(4, A, 1, 1);
        assertThat(levels().of(Check.FAIR_REFUSALS).rows()).singleElement().satisfies(row -> {
            assertThat(row.commitSeq()).isEqualTo(3);
            assertThat(row.what()).startsWith("ticket 3 got 3, though ticket 1 (order ");
        });
    }

    @Test
    void aRestockInBetweenMakesItFair() {
        ledger.booked(A, 1).refused(1, A, 2, 1).booked(A, 4).fulfilled(2, A, 3, 2);
        AuditReport report = levels();
        assertThat(report.violations()).isZero();
        assertThat(report.of(Check.FAIR_REFUSALS).checked()).isOne();
    }

    private AuditReport levels() {
        return ledger.report((stock, findings) -> new StockLevels(stock, product -> true, findings));
    }

    @Test
    void ordersAreCommittedByTicket() {
        ledger.refused(1, A, 9, 0).refused(7, A, 9, 0).refused(3, 2, 9, 0).refused(7, 2, 9, 0);
        assertThat(tickets().violations()).isZero();
        ledger.refused(5, A, 9, 0).refused(7, 2, 9, 0);
        assertThat(tickets().of(Check.TICKET_ORDER).rows())
                .extracting(Finding::what)
                .containsExactly(
                        "ticket 5 was committed after ticket 7 (row 2) and is not recorded as overtaken",
                        "ticket 7 was committed after ticket 7 (row 4) and is not recorded as overtaken");
    }

    @Test
    void anOvertakenOrderIsTold() {
        ledger.refused(7, A, 9, 0).overtaken(5, A).refused(8, A, 9, 0);
        AuditReport report = tickets();
        assertThat(report.violations()).isZero();
        assertThat(report.of(Check.OVERTAKEN_FLAGS).checked()).isOne();
        assertThat(report.notes()).singleElement().satisfies(note -> {
            assertThat(note.count()).isOne();
            assertThat(note.rows().get(0).what())
                    .isEqualTo("ticket 5, OUT_OF_STOCK, was decided after ticket 7 (row 1)");
        });
    }

    @Test
    void whatNobodyOvertookIsNotOvertaken() {
        ledger.refused(4, A, 9, 0).refused(9, 2, 9, 0).overtaken(5, A);
        assertThat(tickets().of(Check.OVERTAKEN_FLAGS).violations()).isOne();
    }

    @Test
    void anOrderRefusedWithoutALookAtTheStockExplainsAFlagAndOvertakesNobody() {
        ledger.add(ledger.order("FAIR", A, 1, new Outcome.Cancelled(), 9L, 0, false, ledger.now()))
                .refused(5, A, 9, 0)
                .overtaken(4, A);
        assertThat(tickets().violations()).isZero();
    }

    @Test
    void aProductThatWasUnknownHadNoRowToBeCommittedBy() {
        ledger.fair(7, A, 1, new Outcome.UnknownProduct(List.of(A))).refused(5, A, 9, 0);
        assertThat(tickets().violations()).isZero();
    }

    @Test
    void fairOrdersHaveTicketsAndOthersNone() {
        ledger.add(ledger.order("FAIR", A, 1, new Outcome.Cancelled(), null, 5, false, ledger.now()))
                .add(ledger.order("DISTRIBUTED", A, 1, new Outcome.Cancelled(), 3L, 5, false, ledger.now()))
                .add(ledger.order("DISTRIBUTED", A, 1, new Outcome.Cancelled(), null, 5, true, ledger.now()));
        assertThat(tickets().of(Check.TICKET_ORDER).violations()).isEqualTo(2);
        assertThat(tickets().of(Check.OVERTAKEN_FLAGS).violations()).isOne();
    }

    @Test
    void theFlagOfAnOrderThatIsForOtherProductsTooIsNotJudged() {
        ledger.overtaken(5, A);
        assertThat(ledger.report((stock, findings) -> new TicketOrder(stock, product -> product != A, findings))
                        .violations())
                .isZero();
    }

    private AuditReport tickets() {
        return ledger.report((stock, findings) -> new TicketOrder(stock, product -> true, findings));
    }

    @Test
    void fencesOnlyRisePerProductAndGuard() {
        ledger.underFence("FAIR", 5, A, LedgerRows.START)
                .underFence("FAIR", 5, A, LedgerRows.START)
                .underFence("DISTRIBUTED", 3, A, LedgerRows.START)
                .underFence("FAIR", 4, 2, LedgerRows.START)
                .underFence("FAIR", 6, A, LedgerRows.START.plusMillis(1));
        assertThat(fences().violations()).isZero();
        ledger.underFence("DISTRIBUTED", 2, A, LedgerRows.START);
        assertThat(fences().rows()).singleElement().satisfies(row -> assertThat(row.what())
                .isEqualTo("fence 2 was committed after 3 (row 3)"));
    }

    @Test
    void oneFenceIsOneRun() {
        ledger.underFence("FAIR", 5, A, LedgerRows.START).underFence("FAIR", 5, A, LedgerRows.START.plusMillis(1));
        assertThat(fences().rows()).singleElement().satisfies(row -> assertThat(row.what())
                .startsWith("two runs under fence 5: "));
    }

    @Test
    void nothingIsSoldWithoutAFence() {
        ledger.underFence("FAIR", 0, A, LedgerRows.START)
                .add(ledger.order("FAIR", A, 1, new Outcome.Cancelled(), 9L, 0, false, ledger.now()));
        assertThat(fences().violations()).isOne();
    }

    private CheckResult fences() {
        return ledger.judge(Check.FENCES, (stock, findings) -> new Fences(product -> true, findings));
    }

    @Test
    void stockRowsKnowTheHighestTicketAndFences() {
        ledger.underFence("FAIR", 5, A, LedgerRows.START)
                .underFence("DISTRIBUTED", 3, A, LedgerRows.START)
                .add(ledger.order("FAIR", A, 1, new Outcome.Cancelled(), 9L, 0, false, ledger.now()));
        assertThat(marks(1, 5, 3).violations()).isZero();
        assertThat(marks(9, 6, 4).violations())
                .as("a run may have held more than it decided, and a ticket that was refused before")
                .isZero();
        assertThat(marks(0, 5, 3).violations()).as("ticket too low").isOne();
        assertThat(marks(10, 5, 3).violations()).as("ticket of no order").isOne();
        assertThat(marks(1, 4, 3).violations()).as("fence of the line").isOne();
        assertThat(marks(1, 5, 2).violations()).as("fence of the lock").isOne();
    }

    private CheckResult marks(long lineTicket, long lineFence, long lockFence) {
        ledger.stored(A, 0, lineTicket, lineFence, lockFence);
        return ledger.judge(Check.STOCK_MARKS, StockMarks::new);
    }
}

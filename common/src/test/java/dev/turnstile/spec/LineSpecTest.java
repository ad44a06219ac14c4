package dev.turnstile.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.proof.Proofs;
import dev.turnstile.spec.ModelCheck.Result;
import dev.turnstile.spec.ModelCheck.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The ticket line, checked by TLC: two workers, two or three orders over two or three products; and with choices of the
 * design made otherwise, which must fail, so that the check is known to bite. What a choice is, says {@code Line.tla}.
 */
class LineSpecTest {

    private static final String NO_FAULTS =
            "MaxCrash=0 MaxExpire=0 MaxRebal=0 MaxPubFail=0 MaxApiDie=0 MaxForget=0 MaxLeave=0"
                    + " MaxFlush=0 MaxFailover=0 MaxAmbig=0 MaxZombie=0";

    private static final String DESIGN =
            "FENCE=\"all\" FENCE_CHECK=\"lt\" ORPHANS=\"barrier\" LEAVING=\"ledger\" CANCELLING=\"unparked\""
                    + " OFFSETS=\"afterRelease\" REPARK=TRUE REOWN=TRUE HELP=TRUE AHEAD=\"inTurn\" RELEASE_FIRST=FALSE FENCE_HAS_EPOCH=TRUE"
                    + " REBUILD_FIRST=TRUE FAILOVER_HAS_EPOCH=TRUE WAKEUPS=\"periodic\" SWEEP=TRUE DECLARES=\"all\" LOOKS=\"all\"";

    private static final ModelCheck SAFETY = new ModelCheck(
                    "Line",
                    List.of(
                            "Wanted == 1 :> {\"A\", \"B\"} @@ 2 :> {\"A\"} @@ 3 :> {\"B\"}",
                            "Overlapping == 1 :> {\"A\", \"B\"} @@ 2 :> {\"A\"} @@ 3 :> {\"A\", \"B\"}",
                            "Wide == 1 :> {\"A\", \"B\"} @@ 2 :> {\"B\", \"C\"} @@ 3 :> {\"A\", \"C\"}",
                            "Pieces == \"A\" :> 1 @@ \"B\" :> 1",
                            "MorePieces == \"A\" :> 1 @@ \"B\" :> 1 @@ \"C\" :> 1",
                            "Interchangeable == Permutations(Workers)"),
                    Map.of(
                            "Orders", "{1, 2}",
                            "Workers", "{w1, w2}",
                            "Products", "{\"A\", \"B\"}",
                            "ProductsOf", "<- Wanted",
                            "Initially", "<- Pieces"),
                    List.of(
                            "SPECIFICATION Spec",
                            "SYMMETRY Interchangeable",
                            "INVARIANTS StockNotNegative StockAddsUp TicketOrder NothingLost OneOutcome UniqueTickets",
                            "PROPERTIES OutcomesAreFinal"))
            .with(NO_FAULTS)
            .with(DESIGN);

    private static final Map<String, String> THREE_ORDERS = Map.of("Orders", "{1, 2, 3}");

    /**
     * Orders of which each two share a product, and no two want the same; a turn declares the queues of one of them.
     */
    private static final Map<String, String> WIDE_ORDERS = Map.of(
            "Orders", "{1, 2, 3}",
            "Products", "{\"A\", \"B\", \"C\"}",
            "ProductsOf", "<- Wide",
            "Initially", "<- MorePieces",
            "DECLARES", "\"next\"");

    private static final ModelCheck LIVENESS = SAFETY.checking("SPECIFICATION FairSpec", "PROPERTIES Decided Drains");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "a failed publication and a leaver, MaxPubFail=1 MaxLeave=1",
        "a dead API and a late publication, MaxApiDie=1 MaxZombie=1",
        "a crash and a loss of memory, MaxCrash=1 MaxFlush=1",
        "an ended lease, MaxExpire=1 DECLARES=\"next\""
    })
    void staysRight(String faults, String counts, TestReporter reporter) throws InterruptedException {
        ModelCheck check = SAFETY.with(counts);
        // with three orders and runs behind others as well, a crash and a loss of memory have too many states
        ModelCheck larger = check.with(THREE_ORDERS).with("AHEAD=\"off\"");
        show(reporter, Proofs.wanted() ? larger : check, "the line stays right through " + faults);
    }

    @Test
    @Tag(Proofs.TAG)
    void threeOrdersStayRightThroughAnEndedLease(TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                SAFETY.with(THREE_ORDERS)
                        .with(Map.of("ProductsOf", "<- Overlapping"))
                        .with("MaxExpire=1"),
                "three orders stay right through an ended lease");
    }

    @Test
    @Tag(Proofs.TAG)
    void wideOrdersStayRightThroughAnEndedLease(TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                SAFETY.with(WIDE_ORDERS).with("MaxExpire=1"),
                "three wide orders whose queues are not all declared stay right through an ended lease");
    }

    @Test
    @Tag(Proofs.TAG)
    void wideOrdersAreDecidedAndTheLineDrains(TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                LIVENESS.with(WIDE_ORDERS).with("AHEAD=\"off\""),
                "three wide orders whose queues are not all declared are decided and the line drains");
    }

    @Test
    @Tag(Proofs.TAG)
    void threeOrdersStayRightThroughACrashAndAnEndedLease(TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                SAFETY.with(THREE_ORDERS).with("MaxCrash=1 MaxExpire=1"),
                "three orders stay right through a crash and an ended lease");
    }

    @ParameterizedTest
    @Tag(Proofs.TAG)
    @CsvSource({
        "'a crash, an ended lease, a rebalance and an ambiguous commit', MaxCrash=1 MaxExpire=1 MaxRebal=1 MaxAmbig=1",
        "'a crash, an ended lease and a rebalance, without the fence', MaxCrash=1 MaxExpire=1 MaxRebal=1 FENCE=\"none\"",
        "a failover to an older memory, MaxFailover=1"
    })
    void staysRightThroughSeveralFaults(String faults, String counts, TestReporter reporter)
            throws InterruptedException {
        show(reporter, SAFETY.with(counts), "the line stays right through " + faults);
    }

    /** Also with every wakeup lost: {@code WAKEUPS="periodic"} has none. */
    @ParameterizedTest
    @CsvSource({"an ended lease, MaxExpire=1", "a forgotten draw, MaxForget=1 DECLARES=\"next\""})
    void decidesAndDrainsAfter(String fault, String counts, TestReporter reporter) throws InterruptedException {
        decidesAndDrains(fault, counts, reporter);
    }

    @ParameterizedTest
    @Tag(Proofs.TAG)
    @CsvSource({
        "a crash, MaxCrash=1",
        "a failed publication, MaxPubFail=1",
        "a dead API, MaxApiDie=1",
        "a loss of memory, MaxFlush=1"
    })
    void decidesAndDrainsAfterOtherFaults(String fault, String counts, TestReporter reporter)
            throws InterruptedException {
        decidesAndDrains(fault, counts, reporter);
    }

    @ParameterizedTest
    @CsvSource({
        "an orphan by heartbeat alone goes, ORPHANS=\"naive\" MaxApiDie=1, TicketOrder",
        "leaving is decided in Redis, LEAVING=\"redis\" MaxLeave=1 MaxExpire=1, OneOutcome",
        "a failover keeps the epoch, FAILOVER_HAS_EPOCH=FALSE MaxFailover=1, UniqueTickets",
        "the claim is released before the commit, RELEASE_FIRST=TRUE MaxCrash=1, TicketOrder",
        "a run is decided before the one it was claimed behind, AHEAD=\"anyTime\", TicketOrder"
    })
    void unsafeIfOtherwise(String mutation, String choices, String property) throws InterruptedException {
        violates(SAFETY.with(choices), property);
    }

    @Test
    void unsafeIfAnOrderMustBeNextInItsDeclaredQueuesOnly() throws InterruptedException {
        violates(SAFETY.with(WIDE_ORDERS).with("LOOKS=\"declared\" AHEAD=\"off\""), "TicketOrder");
    }

    private void violates(ModelCheck check, String property) throws InterruptedException {
        Result result = check.run(folder, ModelCheck.SHORT);
        assertThat(result.verdict()).as(result.output()).isEqualTo(Verdict.SAFETY_VIOLATED);
        assertThat(result.output()).contains("Invariant " + property + " is violated");
    }

    /** TLC calls it a deadlock where no step at all is left. */
    @ParameterizedTest
    @CsvSource({
        "an orphan by heartbeat alone goes, ORPHANS=\"naive\" MaxForget=1",
        "wakeups come by pub/sub alone, WAKEUPS=\"pubsub\"",
        "a turn declares one queue of an order, DECLARES=\"one\"",
        "an API removes a parked order and no worker readmits it, CANCELLING=\"always\" REPARK=FALSE MaxPubFail=1",
        "offsets are committed before the release and no other worker cleans up, OFFSETS=\"beforeRelease\" SWEEP=FALSE HELP=FALSE MaxCrash=1"
    })
    void standsStillIfOtherwise(String mutation, String choices) throws InterruptedException {
        Result result = LIVENESS.with(choices).run(folder, ModelCheck.SHORT);
        assertThat(result.verdict()).as(result.output()).isIn(Verdict.LIVENESS_VIOLATED, Verdict.DEADLOCK);
    }

    private void decidesAndDrains(String fault, String counts, TestReporter reporter) throws InterruptedException {
        show(reporter, LIVENESS.with(counts), "all orders are decided and the line drains after " + fault);
    }

    private void show(TestReporter reporter, ModelCheck check, String what) throws InterruptedException {
        Result result = check.run(folder, Proofs.times(ModelCheck.SHORT, ModelCheck.LONG));
        held(reporter, result, what);
    }

    private static void held(TestReporter reporter, Result result, String what) {
        Proofs.show(reporter, what, String.format("%,d states", result.states()));
        assertThat(result.verdict()).as(result.output()).isEqualTo(Verdict.HELD);
    }
}

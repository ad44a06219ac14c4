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
 * Redlock with its fencing token, checked by TLC: three nodes, two or three attempts; and with choices of the design
 * made otherwise, which must fail, so that the check is known to bite. What a choice is, says {@code Redlock.tla}.
 */
class RedlockSpecTest {

    private static final String DESIGN =
            "WRITE_BACK=\"held\" HEALING=\"epoch\" BOUND=TRUE WAIT=TRUE LEDGER_CHECK=\"lt\" LATE=TRUE CLOCKS=\"fail\"";

    private static final ModelCheck TWO_ATTEMPTS = new ModelCheck(
                    "Redlock",
                    List.of(
                            "SameProducts == [a \\in Attempts |-> Products]",
                            "Interchangeable == Permutations(Nodes) \\cup Permutations(Attempts)"),
                    Map.of(
                            "Nodes", "{n1, n2, n3}",
                            "Attempts", "{a1, a2}",
                            "Products", "{\"A\"}",
                            "Wanted", "<- SameProducts"),
                    List.of(
                            "SPECIFICATION Spec",
                            "SYMMETRY Interchangeable",
                            "INVARIANTS Exclusion TokensGrow LaterIsGreater NeverBelow NoStaleWrite FencesGrow"))
            .with("InitialMax=1 EpochSize=20 Seeders=1 MaxRestarts=0 MaxRepeats=0")
            .with(DESIGN);

    private static final ModelCheck THREE_ATTEMPTS = TWO_ATTEMPTS.with(Map.of("Attempts", "{a1, a2, a3}"));

    @TempDir
    private Path folder;

    @CsvSource({
        "keys that expire whenever and late messages, LATE=TRUE",
        "a loss of a node's memory, MaxRestarts=1 LATE=FALSE"
    })
    @ParameterizedTest
    void tokensGrowThrough(String fault, String choices, TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                TWO_ATTEMPTS.with(choices),
                "tokens grow, and no client writes after a later token, through " + fault);
    }

    @ParameterizedTest
    @CsvSource({"clocks behave, MaxRestarts=0", "clocks behave and a node loses its memory, MaxRestarts=1 LATE=FALSE"})
    void excludesWhile(String circumstance, String choices, TestReporter reporter) throws InterruptedException {
        ModelCheck check = TWO_ATTEMPTS.with("CLOCKS=\"behave\"").with(choices);
        show(reporter, check, "leases of a product exclude each other while " + circumstance);
    }

    @ParameterizedTest
    @Tag(Proofs.TAG)
    @CsvSource({
        "counters that differ from the start, InitialMax=2",
        "a loss of a node's memory and late messages, MaxRestarts=1",
        "two losses of memory, MaxRestarts=2 LATE=FALSE",
        "'two losses, and two seeders at once, for one attempt', MaxRestarts=2 Seeders=2 LATE=FALSE Attempts={a1}",
        "an acquire that runs twice, MaxRepeats=1"
    })
    void tokensGrowThroughMore(String faults, String choices, TestReporter reporter) throws InterruptedException {
        show(
                reporter,
                TWO_ATTEMPTS.with(choices),
                "tokens grow, and no client writes after a later token, through " + faults);
    }

    @Test
    @Tag(Proofs.TAG)
    void tokensOfThreeAttemptsGrow(TestReporter reporter) throws InterruptedException {
        show(reporter, THREE_ATTEMPTS.with("LATE=FALSE"), "tokens of three attempts grow, whatever expires");
    }

    /** Attempts of different products don't exclude each other, yet who begins later has the greater token. */
    @ParameterizedTest
    @CsvSource({"'two products, one each', 1", "'two products, both and one of them', 2"})
    @Tag(Proofs.TAG)
    void tokensGrowWithoutASharedProduct(String wanted, int first, TestReporter reporter) throws InterruptedException {
        ModelCheck check = new ModelCheck(
                        TWO_ATTEMPTS.spec(),
                        List.of(
                                "Some == [a \\in Attempts |-> IF a = \"b\" THEN {2} ELSE 1.." + first + "]",
                                "Interchangeable == Permutations(Nodes)"),
                        TWO_ATTEMPTS.constants(),
                        TWO_ATTEMPTS.checks())
                .with(Map.of("Products", "{1, 2}", "Attempts", "{\"a\", \"b\"}", "Wanted", "<- Some"))
                .with("LATE=FALSE");
        show(reporter, check, "tokens grow over " + wanted);
    }

    @Test
    void everyAttemptEndsAndEveryNodeIsSeeded(TestReporter reporter) throws InterruptedException {
        ModelCheck check = TWO_ATTEMPTS
                .checking("SPECIFICATION FairSpec", "PROPERTIES AllEnds Reseeded")
                .with(Map.of("Attempts", "{a1}"))
                .with("CLOCKS=\"behave\" MaxRestarts=1 LATE=FALSE");
        show(reporter, check, "every attempt ends, and every node that lost its memory is seeded");
    }

    @ParameterizedTest
    @CsvSource({
        "a write-back asks no question, WRITE_BACK=\"blind\" InitialMax=2, NoStaleWrite",
        "nothing is written back, WRITE_BACK=\"none\" InitialMax=2, NoStaleWrite",
        "floors alone heal a node that forgot, HEALING=\"floor\" MaxRestarts=1, NoStaleWrite",
        "a node that forgot is seeded at once, WAIT=FALSE CLOCKS=\"behave\" MaxRestarts=1, Exclusion",
        "a seeder that slept installs its epoch on a later memory, BOUND=FALSE MaxRestarts=2 Seeders=2 Attempts={a1}, NeverBelow"
    })
    void unsafeIfOtherwise(String mutation, String choices, String property) throws InterruptedException {
        mustFail(TWO_ATTEMPTS.with("LATE=FALSE").with(choices), property);
    }

    /** Two attempts that overlap may then have the same token. */
    @Test
    @Tag(Proofs.TAG)
    void unsafeIfTheLedgerTakesEqualTokensAndAnAcquireRunsTwice() throws InterruptedException {
        mustFail(TWO_ATTEMPTS.with("LEDGER_CHECK=\"le\" MaxRepeats=1"), "FencesGrow");
    }

    private void mustFail(ModelCheck check, String property) throws InterruptedException {
        Result result = check.checking("SPECIFICATION Spec", "SYMMETRY Interchangeable", "INVARIANT " + property)
                .run(folder, Proofs.times(ModelCheck.SHORT, ModelCheck.LONG));
        assertThat(result.verdict()).as(result.output()).isEqualTo(Verdict.SAFETY_VIOLATED);
        assertThat(result.output()).contains("Invariant " + property + " is violated");
    }

    private void show(TestReporter reporter, ModelCheck check, String what) throws InterruptedException {
        Result result = check.run(folder, Proofs.times(ModelCheck.SHORT, ModelCheck.LONG));
        Proofs.show(reporter, what, String.format("%,d states", result.states()));
        assertThat(result.verdict()).as(result.output()).isEqualTo(Verdict.HELD);
    }
}

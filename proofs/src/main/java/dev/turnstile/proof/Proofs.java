package dev.turnstile.proof;

import java.util.Map;
import org.junit.jupiter.api.TestReporter;

/**
 * Lets one test serve twice: shortly in every build, and at length when proofs are wanted, which the Maven profile
 * {@code proofs} says by {@code -Dturnstile.proofs=true}. Tests that make sense at length only carry the tag {@value
 * #TAG}.
 */
public final class Proofs {

    /** The tag of tests that run with the profile alone. */
    public static final String TAG = "proof";

    static final String SHOWN = "turnstile.proof.shown";
    static final String COUNTS = "turnstile.proof.counts";

    private static final String WANTED = "turnstile.proofs";

    private Proofs() {}

    /** Whether to run at length. */
    public static boolean wanted() {
        return Boolean.getBoolean(WANTED);
    }

    /** How often to repeat something. */
    public static int times(int shortly, int atLength) {
        return wanted() ? atLength : shortly;
    }

    /**
     * Puts a row into the table of proofs. Called before it is shown: the row also says whether the test held, and how
     * long it took.
     *
     * @param what holds, in a few words
     * @param counts how often, of how many
     */
    public static void show(TestReporter reporter, String what, String counts) {
        reporter.publishEntry(Map.of(SHOWN, what, COUNTS, counts));
    }
}

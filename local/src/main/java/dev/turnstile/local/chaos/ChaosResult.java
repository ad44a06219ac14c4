package dev.turnstile.local.chaos;

import java.util.List;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param seed of its plan
 * @param durationMs how long orders were sent and faults struck
 * @param requests how many requests were sent
 * @param answers how many of them got which answer: the status, or 0
 * @param decided orders in the ledger at the end
 * @param statuses how many of them ended how
 * @param kinds each kind of fault that struck
 * @param missed faults that could not strike: their victim was struck already
 * @param drainedMs how long after the last fault was healed every accepted order was decided
 * @param violations what was broken
 */
public record ChaosResult(
        long seed,
        long durationMs,
        int requests,
        Map<Integer, Integer> answers,
        int decided,
        Map<String, Integer> statuses,
        List<KindResult> kinds,
        int missed,
        long drainedMs,
        List<String> violations) {

    /**
     * A kind of fault.
     *
     * @param kind which one
     * @param struck how often
     * @param medianMs from a fault to the next order whose outcome a client received, in the median
     * @param longestMs the same, at most
     */
    public record KindResult(String kind, int struck, long medianMs, long longestMs) {}

    /** Copies the collections. */
    public ChaosResult {
        answers = Map.copyOf(answers);
        statuses = Map.copyOf(statuses);
        kinds = List.copyOf(kinds);
        violations = List.copyOf(violations);
    }

    /** How many faults struck. */
    public int struck() {
        return kinds.stream().mapToInt(KindResult::struck).sum();
    }

    /** Whether nothing was broken. */
    public boolean held() {
        return violations.isEmpty();
    }
}

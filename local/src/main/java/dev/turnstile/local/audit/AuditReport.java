package dev.turnstile.local.audit;

import java.time.Instant;
import java.util.List;

/**
 * What an audit found.
 *
 * @param auditedAt when it began
 * @param durationMs how long it took
 * @param violations how many there are in all
 * @param checks each check once, in the order of {@link Check}
 * @param notes further remarks; only those with a count
 */
public record AuditReport(
        Instant auditedAt, long durationMs, long violations, List<CheckResult> checks, List<NoteResult> notes) {

    /**
     * One check.
     *
     * @param name {@link Check#title()}
     * @param claim {@link Check#claim()}
     * @param checked how many things it looked at
     * @param violations how many of them refute the claim, all counted
     * @param rows the first of them
     */
    public record CheckResult(String name, String claim, long checked, long violations, List<Finding> rows) {}

    /**
     * One line of the report.
     *
     * @param name {@link Note#title()}
     * @param meaning {@link Note#meaning()}
     * @param count how many there are, all counted; a row may stand for several
     * @param leftOut how many rows there are besides
     * @param rows the first rows
     */
    public record NoteResult(String name, String meaning, long count, long leftOut, List<Finding> rows) {}

    /** Copies the lists. */
    public AuditReport {
        checks = List.copyOf(checks);
        notes = List.copyOf(notes);
    }

    /** The result of one check. */
    public CheckResult of(Check check) {
        return checks.stream()
                .filter(result -> result.name().equals(check.title()))
                .findFirst()
                .orElseThrow();
    }

    /** Whether every claim held. */
    public boolean held() {
        return violations == 0;
    }

    /** The checks whose claim was refuted. */
    public List<CheckResult> refuted() {
        return checks.stream().filter(check -> check.violations() > 0).toList();
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.local.audit.AuditReport.CheckResult;
import dev.turnstile.local.audit.AuditReport.NoteResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects what an audit finds: all of it is counted, and the first of each kind are kept. */
final class Findings {

    private final int rowsKept;
    private final Map<Check, Long> checked = new EnumMap<>(Check.class);
    private final Map<Check, Kept> violations = new EnumMap<>(Check.class);
    private final Map<Note, Kept> notes = new EnumMap<>(Note.class);

    private static final class Kept {
        private final List<Finding> rows = new ArrayList<>();
        private long count;
        private long leftOut;
    }

    /**
     * Makes an empty collection.
     *
     * @param rowsKept how many findings of a kind are kept
     */
    Findings(int rowsKept) {
        this.rowsKept = rowsKept;
    }

    /** Counts things that a check looked at. */
    void checked(Check check, long count) {
        checked.merge(check, count, Long::sum);
    }

    void violated(Check check, Finding finding) {
        add(violations.computeIfAbsent(check, key -> new Kept()), 1, finding);
    }

    void noted(Note note, Finding finding) {
        noted(note, 1, finding);
    }

    /** Notes several things in one row. */
    void noted(Note note, long count, Finding finding) {
        add(notes.computeIfAbsent(note, key -> new Kept()), count, finding);
    }

    private void add(Kept kept, long count, Finding finding) {
        kept.count += count;
        if (kept.rows.size() < rowsKept) {
            kept.rows.add(finding);
        } else {
            kept.leftOut++;
        }
    }

    AuditReport report(Instant auditedAt, long durationMs) {
        List<CheckResult> checks = new ArrayList<>();
        long all = 0;
        for (Check check : Check.values()) {
            Kept kept = violations.getOrDefault(check, new Kept());
            all += kept.count;
            checks.add(new CheckResult(
                    check.title(), check.claim(), checked.getOrDefault(check, 0L), kept.count, List.copyOf(kept.rows)));
        }
        List<NoteResult> told = new ArrayList<>();
        notes.forEach((note, kept) -> told.add(
                new NoteResult(note.title(), note.meaning(), kept.count, kept.leftOut, List.copyOf(kept.rows))));
        return new AuditReport(auditedAt, durationMs, all, checks, told);
    }
}

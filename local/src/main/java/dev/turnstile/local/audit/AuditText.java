package dev.turnstile.local.audit;

import dev.turnstile.local.audit.AuditReport.CheckResult;
import dev.turnstile.local.audit.AuditReport.NoteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report for people: the table of checks, the rows that refute a claim, and further remarks. */
public final class AuditText {

    private static final String GAP = "  ";

    private AuditText() {}

    /** Lines for a terminal; the last one sums it up. */
    public static String render(AuditReport report) {
        StringBuilder text = new StringBuilder();
        int names = width(report.checks().stream().map(CheckResult::name).toList(), "check");
        int claims = width(report.checks().stream().map(CheckResult::claim).toList(), "claim");
        String format = "%-" + names + "s" + GAP + "%-" + claims + "s" + GAP + "%9s" + GAP + "%10s%n";
        text.append(line(format, "check", "claim", "checked", "violations"));
        for (CheckResult check : report.checks()) {
            text.append(line(format, check.name(), check.claim(), count(check.checked()), count(check.violations())));
        }
        for (CheckResult check : report.refuted()) {
            text.append(line("%nVIOLATED %s: expected that %s%n", check.name(), check.claim()));
            rows(text, check.rows(), check.violations() - check.rows().size());
        }
        for (NoteResult note : report.notes()) {
            text.append(line("%n%s %s: %s%n", count(note.count()), note.name(), note.meaning()));
            rows(text, note.rows(), note.leftOut());
        }
        text.append(line("%naudit: %d checks, %s violations%n", report.checks().size(), count(report.violations())));
        return text.toString();
    }

    private static void rows(StringBuilder text, List<Finding> rows, long more) {
        rows.forEach(
                row -> text.append(GAP).append(subject(row)).append(row.what()).append('\n'));
        if (more > 0) {
            text.append(line("%s… and %s more%n", GAP, count(more)));
        }
    }

    private static String subject(Finding row) {
        List<String> subjects = new ArrayList<>();
        if (row.productId() != null) {
            subjects.add("product " + row.productId());
        }
        if (row.orderId() != null) {
            subjects.add("order " + row.orderId());
        }
        if (row.commitSeq() != null) {
            subjects.add("row " + row.commitSeq());
        }
        return subjects.isEmpty() ? "" : String.join(", ", subjects) + ": ";
    }

    private static int width(List<String> cells, String title) {
        return cells.stream().mapToInt(String::length).reduce(title.length(), Math::max);
    }

    private static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}

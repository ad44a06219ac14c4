package dev.turnstile.local.replay;

import dev.turnstile.local.replay.Comparison.StockDifference;
import dev.turnstile.local.replay.GapMeter.Gaps;
import dev.turnstile.local.replay.ReplayResult.Counts;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A replay's result, or its preview, as plain text for terminals and logs alike. */
public final class ReplayReport {

    private final StringBuilder text = new StringBuilder();

    private ReplayReport() {}

    /** What would be sent. */
    public static String render(Preview preview, ReplayPlan plan) {
        ReplayReport report = new ReplayReport();
        report.line(
                "would send",
                "%,d orders of %s%s to %s, none is sent",
                preview.orders(),
                plan.topic(),
                plan.range().describe(),
                String.join(" and ", preview.targets()));
        if (preview.first() != null) {
            report.line("recorded", "%s to %s, %d partitions", preview.first(), preview.last(), preview.partitions());
            report.line(
                    "gaps",
                    "p50 %,d ms, p99 %,d ms, longest %,d ms",
                    preview.gapP50Ms(),
                    preview.gapP99Ms(),
                    preview.gapMaxMs());
            report.line(
                    "would take",
                    plan.speed().isMax() && plan.maxRate() == null ? "as long as it needs" : "%s at speed %s%s",
                    time(preview.planned()),
                    plan.speed(),
                    rate(plan.maxRate()));
            report.line("products", "%,d: %s", preview.products(), pieces(preview));
        }
        report.skipped(
                preview.passed().unreadable(),
                preview.passed().firstUnreadable(),
                preview.passed().ofReplays(),
                preview.passed().withoutRecord());
        return report.text.toString();
    }

    /** What was done and what came of it. */
    public static String render(ReplayResult result) {
        ReplayReport report = new ReplayReport();
        Counts counts = result.counts();
        report.line(
                "run",
                "%s%s",
                result.run(),
                result.endedEarly() == null ? "" : ", ended early: " + result.endedEarly());
        if (counts.sent() == 0) {
            report.line("sent", "nothing");
        } else {
            report.figures(result);
        }
        report.skipped(counts.unreadable(), counts.firstUnreadable(), counts.ofReplays(), counts.withoutRecord());
        if (counts.notSent() > 0) {
            report.line("NOT SENT", "%,d orders, the first: %s", counts.notSent(), counts.firstNotSent());
        }
        if (counts.found() > 0) {
            report.line("unanswered", "%,d orders are decided in the ledger, and no answer came", counts.found());
        }
        if (counts.missing() > 0) {
            report.line("MISSING", "%,d orders have no outcome", counts.missing());
        }
        return report.text.toString();
    }

    private void figures(ReplayResult result) {
        line(
                "sent",
                "%,d orders of %s%s to %s at speed %s%s",
                result.counts().sent(),
                result.topic(),
                result.range().isEmpty() ? "" : " " + result.range(),
                String.join(" and ", result.targets()),
                result.speed(),
                rate(result.maxRate()));
        line(
                "time",
                "recorded %s, sent in %s%s",
                time(result.recordedMs()),
                time(result.sentMs()),
                result.plannedMs() > 0 ? ", planned " + time(result.plannedMs()) : "");
        gaps(result.gaps());
        line("throughput", "%,.1f orders/s sent, %,.1f/s decided", result.sentPerSecond(), result.decidedPerSecond());
        line(
                "latency",
                "p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms",
                result.latency().p50Ms(),
                result.latency().p99Ms(),
                result.latency().p999Ms(),
                result.latency().maxMs());
        outcomes(result);
    }

    private void gaps(@Nullable Gaps gaps) {
        if (gaps == null) {
            return;
        }
        if (gaps.medianErrorPercent() != null) {
            line(
                    "gaps",
                    "%,d of %d ms and more, off by %.2f %% (median), %.2f %% (p99)",
                    gaps.count(),
                    gaps.tellingGapMs(),
                    gaps.medianErrorPercent(),
                    gaps.p99ErrorPercent());
        }
        line("late", "p50 %.2f ms, p99 %.2f ms, max %.2f ms", gaps.lateP50Ms(), gaps.lateP99Ms(), gaps.lateMaxMs());
    }

    private void outcomes(ReplayResult result) {
        if (result.notCompared() != null) {
            line("compared", "not: the ledger can't be asked: %s", result.notCompared());
        }
        Comparison comparison = result.comparison();
        if (comparison == null) {
            result.replayed().forEach((status, count) -> line("outcome", "%-16s %,10d", status, count));
            return;
        }
        line("outcome", "%-16s %10s %10s", "", "recorded", "replayed");
        TreeSet<String> statuses = new TreeSet<>(comparison.recorded().keySet());
        statuses.addAll(result.replayed().keySet());
        for (String status : statuses) {
            line(
                    "",
                    "%-16s %,10d %,10d",
                    status,
                    comparison.recorded().getOrDefault(status, 0L),
                    result.replayed().getOrDefault(status, 0L));
        }
        if (comparison.notInLedger() > 0) {
            line("", "%-16s %,10d", "not in ledger", comparison.notInLedger());
        }
        line("compared", "%,d orders as recorded, %,d otherwise", comparison.same(), comparison.different());
        if (comparison.sameStock()) {
            line("stock", "each product had what it had when it was recorded");
        }
        for (StockDifference difference : comparison.stockDifferences()) {
            line(
                    "stock",
                    "product %d had %s when it was recorded, and %s",
                    difference.productId(),
                    pieces(difference.recorded()),
                    pieces(difference.replayed()));
        }
    }

    /** Offsets that hold no committed record, in words. */
    static String withoutRecord(long offsets) {
        return String.format(
                Locale.ROOT,
                "%,d offsets without a committed record (aborted transactions, marks of transactions, compaction)",
                offsets);
    }

    private void skipped(long unreadable, @Nullable String first, long ofReplays, long withoutRecord) {
        if (unreadable > 0) {
            line("skipped", "%,d records that hold no order, the first: %s", unreadable, first);
        }
        if (ofReplays > 0) {
            line("skipped", "%,d orders of earlier replays (--with-replayed includes them)", ofReplays);
        }
        if (withoutRecord > 0) {
            line("skipped", "%s", withoutRecord(withoutRecord));
        }
    }

    private void line(String label, String format, @Nullable Object... values) {
        text.append(String.format(Locale.ROOT, "%-12s", label));
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String pieces(@Nullable Integer quantity) {
        return quantity == null ? "an unknown quantity" : quantity + " pieces";
    }

    private static String pieces(Preview preview) {
        StringBuilder list = new StringBuilder();
        for (Preview.Pieces product : preview.topProducts()) {
            list.append(list.isEmpty() ? "" : ", ")
                    .append(String.format(Locale.ROOT, "%d (%,d pieces)", product.productId(), product.pieces()));
        }
        return list + (preview.products() > preview.topProducts().size() ? ", …" : "");
    }

    private static String rate(@Nullable Double maxRate) {
        return maxRate == null ? "" : String.format(Locale.ROOT, ", at most %s orders/s", maxRate);
    }

    private static String time(double ms) {
        return ms < 10_000
                ? String.format(Locale.ROOT, "%,.0f ms", ms)
                : String.format(Locale.ROOT, "%,.1f s", ms / 1000);
    }
}

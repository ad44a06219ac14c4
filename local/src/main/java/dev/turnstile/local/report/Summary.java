package dev.turnstile.local.report;

import dev.turnstile.local.demo.DemoFigures;
import dev.turnstile.local.demo.DemoResult;
import dev.turnstile.local.demo.Expectation;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.demo.ProductStock;
import dev.turnstile.order.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The figures of an experiment in words, the same on the terminal and on the page.
 *
 * @param headline one sentence that says how it ended
 * @param setup one sentence that says what ran
 * @param machine one sentence that says where
 * @param ratio one sentence that compares the modes' wall times; null unless both ran
 * @param columns titles of the columns, one per mode
 * @param rows the figures, one row each
 * @param failures one line per expectation that did not hold
 */
record Summary(
        String headline,
        String setup,
        String machine,
        @Nullable String ratio,
        List<String> columns,
        List<Row> rows,
        List<String> failures) {

    private static final String NONE = "-";

    /**
     * One figure in every mode.
     *
     * @param label what it is
     * @param cells one text per mode
     */
    record Row(String label, List<String> cells) {}

    static Summary of(DemoResult result) {
        List<ModeResult> modes = result.modes();
        return new Summary(
                headline(result),
                setup(result.setup()),
                machine(result.machine().cores(), result.machine().memoryMb()) + ", "
                        + result.machine().os() + ", JDK " + result.machine().jdk(),
                result.fairToDistributedWallRatio() == null ? null : ratio(result.fairToDistributedWallRatio()),
                modes.stream().map(mode -> name(mode.mode())).toList(),
                rows(result),
                modes.stream()
                        .flatMap(mode -> mode.expectations().stream()
                                .filter(expectation -> !expectation.held())
                                .map(expectation ->
                                        name(mode.mode()) + ": " + expectation.claim() + ": " + expectation.figures()))
                        .toList());
    }

    private static String headline(DemoResult result) {
        long failed = result.modes().stream()
                .flatMap(mode -> mode.expectations().stream())
                .filter(expectation -> !expectation.held())
                .count();
        long all = result.modes().stream()
                .mapToLong(mode -> mode.expectations().size())
                .sum();
        return failed == 0 ? "All " + all + " expectations held" : failed + " of " + all + " expectations failed";
    }

    private static String setup(DemoResult.Setup setup) {
        String release = setup.gapMs() > 0 ? format("%.1f ms apart", setup.gapMs()) : "at the same moment";
        return count(setup.users()) + " users " + release + ", each one piece of "
                + counted(setup.products(), "product")
                + " with " + count(setup.stock()) + " in stock; " + counted(setup.apis(), "API") + ", "
                + counted(setup.workers(), "worker") + ", fair topic keyed by " + setup.fairPartitionKey() + ", "
                + setup.database() + "; " + count(setup.warmUp()) + " warm-up orders per mode";
    }

    private static String machine(int cores, long memoryMb) {
        return counted(cores, "core") + ", " + format("%.0f GB", memoryMb / 1024.0);
    }

    private static List<Row> rows(DemoResult result) {
        Rows rows = new Rows(result.modes());
        rows.add("requests sent within", figures -> millis(figures.sendSpreadMs()));
        rows.add("wall time", figures -> millis(figures.wallMs()));
        rows.add(
                "latency p50 / p99 / max",
                figures -> millis(figures.p50Ms()) + " / " + millis(figures.p99Ms()) + " / " + millis(figures.maxMs()));
        rows.add("fulfilled", figures -> count(figures.fulfilled()));
        rows.add(
                "refused",
                figures -> count(figures.refused())
                        + (figures.refusedAtDoor() > 0
                                ? " (" + count(figures.refusedAtDoor()) + " at admission)"
                                : ""));
        rows.add("errors / unanswered", figures -> count(figures.errors()) + " / " + count(figures.unanswered()));
        rows.add("inversions by ticket", figures -> count(figures.inversionsByTicket()));
        rows.add("unfair losers by ticket", figures -> count(figures.unfairLosersByTicket()));
        String bySendTime = result.setup().gapMs() < Plan.TELLING_GAP.toMillis()
                ? " by send time (not judged: too close)"
                : " by send time";
        rows.add("inversions" + bySendTime, figures -> count(figures.inversionsBySendTime()));
        rows.add("unfair losers" + bySendTime, figures -> count(figures.unfairLosersBySendTime()));
        rows.addMode("stored stock", mode -> stocks(mode, ProductStock::stored));
        rows.addMode("cached stock", mode -> stocks(mode, ProductStock::cached));
        rows.addMode("verdict", Summary::verdict);
        return List.copyOf(rows.rows);
    }

    private static String verdict(ModeResult mode) {
        long held = mode.expectations().stream().filter(Expectation::held).count();
        return (mode.held() ? "held" : "FAILED") + " (" + held + " of "
                + mode.expectations().size() + ")";
    }

    private static String stocks(ModeResult mode, Function<ProductStock, ?> quantity) {
        return mode.stocks().stream()
                .map(stock -> Objects.toString(quantity.apply(stock), NONE))
                .collect(Collectors.joining(", "));
    }

    private static String name(Mode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    private static String ratio(double ratio) {
        return format("fair took %.2f times as long as distributed", ratio);
    }

    private static String millis(double millis) {
        return millis < 1000 ? format("%.0f ms", millis) : format("%.2f s", millis / 1000);
    }

    private static String count(@Nullable Number count) {
        return count == null ? NONE : format("%,d", count);
    }

    private static String counted(int count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static final class Rows {

        private final List<ModeResult> modes;
        private final List<Row> rows = new ArrayList<>();

        Rows(List<ModeResult> modes) {
            this.modes = modes;
        }

        void add(String label, Function<DemoFigures, String> text) {
            addMode(label, mode -> text.apply(mode.figures()));
        }

        void addMode(String label, Function<ModeResult, String> text) {
            rows.add(new Row(label, modes.stream().map(text).toList()));
        }
    }
}

package dev.turnstile.local.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes a result as JSON with every sample, as tables in Markdown, and as plots. */
final class BenchReport {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry(DrainSuite.KEY, "Drain: orders that are all there are decided"),
            Map.entry(DrainSuite.CATALOGUE, "Carts over a wide catalogue that are all there are decided"),
            Map.entry("cpu", "Processor time per order, of the drains above"),
            Map.entry(CrowdSuite.KEY, "The crowd over HTTP"),
            Map.entry(LoadSuite.KEY, "A stream of orders over HTTP"),
            Map.entry(LineLengthSuite.KEY, "Cost against the length of the line"),
            Map.entry(BacklogSuite.KEY, "A backlog that one worker works off"),
            Map.entry(WorkersSuite.KEY, "One, two and four workers"),
            Map.entry(MixedSuite.KEY, "Orders that share products"),
            Map.entry(LockSuite.KEY, "Bare locks"),
            Map.entry(ProfileSuite.KEY, "Profile of a worker that drains one hot product"));

    private BenchReport() {}

    /**
     * Writes {@code results.json}, {@code results.md} and a plot for each suite that has one.
     *
     * @return why there are no plots, or nothing
     * @throws IOException if the folder can't be written
     */
    static String write(BenchResult result, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("results.json"), JSON.writeValueAsBytes(result));
        List<String> plots;
        String problem = "";
        try {
            plots = BenchPlots.write(result, folder);
        } catch (LinkageError | RuntimeException e) { // Java draws text only where the system has fonts
            plots = List.of();
            problem = "no plots: " + e;
        }
        Files.writeString(folder.resolve("results.md"), markdown(result, plots));
        return problem;
    }

    static String markdown(BenchResult result, List<String> plots) {
        StringBuilder text = new StringBuilder("# Results of the benchmark\n\n");
        if (result.quick()) {
            text.append("**A quick run, to see that everything works: these figures are not for quoting.**\n\n");
        }
        text.append("`").append(result.command()).append("`, ").append(result.date());
        if (!result.commit().isEmpty()) {
            text.append(", commit ").append(result.commit());
        }
        text.append(format(
                ".\n%d cores, %,d MB, %s, JDK %s; %s, %s; %d API, %d workers, all servers on the same machine.\n",
                result.machine().cores(),
                result.machine().memoryMb(),
                result.machine().os(),
                result.machine().jdk(),
                result.database(),
                result.durability(),
                result.apis(),
                result.workers()));
        text.append(format(
                "Each cell: the median of %d repetitions that followed a discarded one, and (least to most).\n",
                result.repetitions()));
        appendBars(text, result.bars());
        for (String suite : distinct(result.series(), Series::suite)) {
            text.append("\n## ").append(TITLES.getOrDefault(suite, suite)).append("\n");
            plots.stream().filter(plot -> plot.startsWith(suite)).forEach(plot -> text.append("\n![")
                    .append(plot)
                    .append("](")
                    .append(plot)
                    .append(")\n"));
            List<Series> series = result.series().stream()
                    .filter(each -> each.suite().equals(suite))
                    .toList();
            Set<String> contenders = distinct(series, Series::contender);
            for (String metric : distinct(series, Series::metric)) {
                appendTable(
                        text,
                        metric,
                        contenders,
                        series.stream()
                                .filter(each -> each.metric().equals(metric))
                                .toList());
            }
        }
        return text.toString();
    }

    private static void appendBars(StringBuilder text, List<BenchResult.MeasuredBar> bars) {
        if (bars.isEmpty()) {
            return;
        }
        text.append("\n## What Turnstile is held to\n\nRatios of medians of this run; of "
                + "users, those of its worst repetition.\n\n");
        text.append("| | wanted | measured | |\n| --- | ---: | ---: | --- |\n");
        for (BenchResult.MeasuredBar bar : bars) {
            text.append(format(
                    "| %s | %s %s | %s | %s |\n",
                    bar.claim(),
                    bar.side() == Bar.Side.AT_LEAST ? "≥" : "≤",
                    number(bar.bound()),
                    number(bar.value()),
                    bar.held() ? "held" : "missed"));
        }
    }

    private static void appendTable(StringBuilder text, String metric, Set<String> contenders, List<Series> series) {
        if (series.stream().allMatch(each -> each.most() == 0)) {
            text.append("\n").append(metric).append(": 0 everywhere.\n");
            return;
        }
        Set<String> workloads = distinct(series, Series::workload);
        text.append("\n| ").append(metric).append(" |");
        workloads.forEach(workload -> text.append(" ").append(workload).append(" |"));
        text.append("\n| --- |").append(" ---: |".repeat(workloads.size())).append("\n");
        Set<String> measured = distinct(series, Series::contender);
        for (String contender : contenders.stream().filter(measured::contains).toList()) {
            text.append("| ").append(contender.replace("|", "\\|")).append(" |");
            for (String workload : workloads) {
                text.append(series.stream()
                        .filter(each -> each.contender().equals(contender)
                                && each.workload().equals(workload))
                        .map(BenchReport::cell)
                        .findFirst()
                        .orElse(" |"));
            }
            text.append("\n");
        }
    }

    private static String cell(Series series) {
        String median = number(series.median());
        String spread = series.samples().size() == 1
                ? ""
                : " (" + number(series.least()) + " to " + number(series.most()) + ")";
        return " " + median + spread + " |";
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 100) {
            return format("%.0f", value);
        }
        return Math.abs(value) >= 100
                ? format("%,.0f", value)
                : Math.abs(value) >= 10 ? format("%.1f", value) : format("%.2f", value);
    }

    static Set<String> distinct(List<Series> series, Function<Series, String> property) {
        return series.stream().map(property).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}

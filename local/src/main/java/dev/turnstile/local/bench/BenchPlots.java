package dev.turnstile.local.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.colors.ColorBlindFriendlySeriesColors;

/** The plots: the results at a glance. */
final class BenchPlots {

    private static final int WIDTH = 1100;
    private static final int HEIGHT = 540;

    /** What is drawn as bars, on a logarithmic scale: a suite and its metric. */
    private static final Map<String, String> BARS = Map.of(
            DrainSuite.KEY, DrainSuite.PER_SECOND,
            DrainSuite.CATALOGUE, DrainSuite.PER_SECOND,
            CrowdSuite.KEY, CrowdSuite.WALL,
            WorkersSuite.KEY, DrainSuite.PER_SECOND,
            LockSuite.KEY, LockSuite.PER_SECOND);

    private BenchPlots() {}

    /**
     * Draws a plot for each suite that was measured and can be drawn.
     *
     * @return the names of the files
     * @throws IOException if the folder can't be written
     */
    static List<String> write(BenchResult result, Path folder) throws IOException {
        List<String> files = new ArrayList<>();
        for (String suite : BenchReport.distinct(result.series(), Series::suite)) {
            List<Series> series = result.series().stream()
                    .filter(each -> each.suite().equals(suite))
                    .toList();
            String metric = BARS.get(suite);
            if (metric != null) {
                files.add(save(bars(only(series, metric), metric), folder, suite));
            } else if (suite.equals(LineLengthSuite.KEY)) {
                files.add(save(line(only(series, LineLengthSuite.MICROS)), folder, suite));
            }
        }
        return files;
    }

    private static List<Series> only(List<Series> series, String metric) {
        return series.stream().filter(each -> each.metric().equals(metric)).toList();
    }

    private static CategoryChart bars(List<Series> series, String metric) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .yAxisTitle(metric)
                .build();
        styled(chart.getStyler());
        // A logarithmic scale has no zero for the bars to start at: they start at the power of ten below the least.
        double foot = Math.pow(
                10,
                Math.floor(Math.log10(0.9
                        * series.stream()
                                .mapToDouble(Series::median)
                                .filter(median -> median > 0)
                                .min()
                                .orElse(1))));
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(foot);
        chart.getStyler().setYAxisDecimalPattern("#,###");
        Set<String> workloads = BenchReport.distinct(series, Series::workload);
        colors(BenchReport.distinct(series, Series::contender)).forEach((contender, color) -> {
            List<Double> medians = workloads.stream()
                    .map(workload -> series.stream()
                            .filter(each -> each.workload().equals(workload)
                                    && each.contender().equals(contender))
                            .map(Series::median)
                            .filter(median -> median > 0)
                            .findFirst()
                            .orElse(foot))
                    .toList();
            chart.addSeries(contender, List.copyOf(workloads), medians).setFillColor(color);
        });
        return chart;
    }

    /**
     * A colour for each contender, in their order. Those that differ by what stands behind a comma only, as by their
     * threads, have one hue, which colour-blind readers can distinguish from the others, and get lighter from one to
     * the next.
     */
    static Map<String, Color> colors(Set<String> contenders) {
        Color[] hues = new ColorBlindFriendlySeriesColors().getSeriesColors();
        Map<String, Integer> sizes = new LinkedHashMap<>();
        Map<String, Color> colors = new LinkedHashMap<>();
        for (String contender : contenders) {
            String family = contender.split(",", 2)[0];
            int nth = sizes.merge(family, 1, Integer::sum) - 1;
            Color hue = hues[List.copyOf(sizes.keySet()).indexOf(family) % hues.length];
            colors.put(contender, lighter(hue, nth));
        }
        return colors;
    }

    /** By a third of the way to white for each step. */
    private static Color lighter(Color color, int steps) {
        double left = Math.pow(2.0 / 3, steps);
        return new Color(faded(color.getRed(), left), faded(color.getGreen(), left), faded(color.getBlue(), left));
    }

    private static int faded(int part, double left) {
        return (int) Math.round(255 - (255 - part) * left);
    }

    private static XYChart line(List<Series> series) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("orders in the line")
                .yAxisTitle(LineLengthSuite.MICROS)
                .build();
        styled(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(0.0);
        List<Double> lengths = series.stream()
                .map(each -> Double.valueOf(each.workload().replaceAll("\\D", "")))
                .toList();
        chart.addSeries(
                LineLengthSuite.CONTENDER,
                lengths,
                series.stream().map(Series::median).toList());
        return chart;
    }

    private static void styled(Styler styler) {
        styler.setLegendPosition(Styler.LegendPosition.OutsideE);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotContentSize(0.9);
    }

    private static String save(Chart<?, ?> chart, Path folder, String name) throws IOException {
        VectorGraphicsEncoder.saveVectorGraphic(chart, folder.resolve(name).toString(), VectorGraphicsFormat.SVG);
        return name + ".svg";
    }
}

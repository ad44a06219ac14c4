package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.turnstile.local.demo.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchReportTest {

    private final Figures figures = new Figures();

    @Test
    void medianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(series(9.0, 1.0, 5.0).median()).isEqualTo(5);
        assertThat(series(8.0, 1.0, 4.0, 2.0).median()).isEqualTo(3);
        assertThat(series(8.0, 1.0).least()).isEqualTo(1);
        assertThat(series(8.0, 1.0).most()).isEqualTo(8);
        assertThatThrownBy(() -> series()).hasMessageContaining("no samples of metric");
    }

    @Test
    void figuresStandInTheOrderInWhichTheyWereExpectedAndNotInThatOfChance() {
        figures.expect("suite", "work", "first", "metric");
        figures.expect("suite", "work", "never measured", "metric");
        figures.add("suite", "work", "second", "metric", 1);
        figures.add("suite", "work", "first", "metric", 2);
        assertThat(figures.series()).extracting(Series::contender).containsExactly("first", "second");
    }

    @Test
    void aBarIsTheRatioOfTheMediansAndIsToldWhetherItHolds() {
        drain("Turnstile fair", 1_500, 2_000, 9_000);
        drain("plain SQL, 32 connections", 100, 110, 1);
        assertThat(BenchResult.measured(figures))
                .containsExactly(new BenchResult.MeasuredBar("one hot product: fair against plain SQL", 20, 20, true));
        drain("Turnstile distributed", 2_100);
        assertThat(BenchResult.measured(figures))
                .contains(new BenchResult.MeasuredBar(
                        "one hot product: fair against distributed", 1, 2_000.0 / 2_100, false));
    }

    @Test
    void writesEverySampleTheTablesAndAPlot(@TempDir Path folder) throws Exception {
        drain("Turnstile fair", 7_000, 8_000);
        drain("plain SQL, 32 connections", 600, 700);
        figures.add(LineLengthSuite.KEY, "100 orders", LineLengthSuite.CONTENDER, LineLengthSuite.MICROS, 90);
        figures.add(LineLengthSuite.KEY, "1,000 orders", LineLengthSuite.CONTENDER, LineLengthSuite.MICROS, 95);

        String problem = BenchReport.write(result(), folder);

        JsonNode json = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("results.json")));
        assertThat(json.path("series").get(0).path("samples").toString()).isEqualTo("[7000.0,8000.0]");
        assertThat(Files.readString(folder.resolve("results.md")))
                .contains("not for quoting")
                .contains("| Turnstile fair | 7,500 (7,000 to 8,000) |")
                .contains("| one hot product: fair against plain SQL | ≥ 20 | 11.5 | missed |");
        assumeThat(problem).as("this Java has fonts to draw with").isEmpty();
        assertThat(Files.readString(folder.resolve("results.md"))).contains("![drain.svg](drain.svg)");
        // the axis, two bars, the legend
        assertThat(Files.readString(folder.resolve("drain.svg")).split("<rect", -1))
                .hasSizeGreaterThan(5);
        assertThat(folder.resolve("length.svg")).content().contains("<svg");
    }

    private void drain(String contender, double... samples) {
        for (double sample : samples) {
            figures.add(DrainSuite.KEY, Goods.ONE_HOT.title(), contender, DrainSuite.PER_SECOND, sample);
        }
    }

    private BenchResult result() {
        return new BenchResult(
                "2026-11-24T15:00:00Z",
                "./turnstile bench --quick",
                "abc",
                true,
                2,
                1,
                2,
                new Machine(2, 24_000, "Linux", "17"),
                "8.0.31",
                "sync_binlog=1",
                figures.series(),
                BenchResult.measured(figures));
    }

    private static Series series(Double... samples) {
        return new Series("suite", "work", "contender", "metric", List.of(samples));
    }
}

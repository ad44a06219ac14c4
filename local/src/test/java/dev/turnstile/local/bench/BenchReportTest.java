package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.local.demo.BuyerRecord;
import dev.turnstile.local.demo.HostInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchReportTest {

    private final BenchFigures figures = new BenchFigures();

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
    void aBarIsTheRatioOfTheMediansAndSaysWhetherItHolds() {
        drain("Turnstile fair", 1_500, 2_000, 9_000);
        drain("plain SQL, 32 connections", 100, 110, 1);
        assertThat(BenchResult.measured(figures))
                .containsExactly(new BenchResult.MeasuredBar(
                        "one hot product: fair against plain SQL", Bar.Side.AT_LEAST, 20, 20, true));
        drain("Turnstile distributed", 2_100);
        assertThat(BenchResult.measured(figures))
                .contains(new BenchResult.MeasuredBar(
                        "one hot product: fair against distributed", Bar.Side.AT_LEAST, 1, 2_000.0 / 2_100, false));
    }

    @Test
    void keysOfACrowdMayCostLittleTimeAndNoUserAnOutcomeOrAPlace() {
        crowd("Turnstile fair", CrowdSuite.WALL, 400, 500, 600);
        String keyed = "Turnstile fair" + CrowdSuite.WITH_KEYS;
        crowd(keyed, CrowdSuite.WALL, 575, 560, 900);
        crowd(keyed, CrowdSuite.WITHOUT_OUTCOME, 0, 1, 0);
        crowd(keyed, CrowdSuite.UNFAIR_BY_TICKET, 0, 0, 0);
        String claim = "crowd of 1,000, each user with a key, fair: ";
        assertThat(BenchResult.measured(figures))
                .containsExactly(
                        new BenchResult.MeasuredBar(
                                claim + "time against that without keys", Bar.Side.AT_MOST, 1.15, 1.15, true),
                        new BenchResult.MeasuredBar(claim + "users without an outcome", Bar.Side.AT_MOST, 0, 1, false),
                        new BenchResult.MeasuredBar(claim + "unfair losers by ticket", Bar.Side.AT_MOST, 0, 0, true));
        crowd(keyed, CrowdSuite.WALL, 900, 900, 900);
        assertThat(BenchResult.measured(figures).get(0).held()).isFalse();
        assertThat(BenchReport.markdown(result(), List.of()))
                .contains(claim + "users without an outcome | ≤ 0 | 1 | missed");
    }

    @Test
    void whoWasRefusedAndHadSentLongBeforeOneWhoWasServedIsClearlyUnfair() {
        List<BuyerRecord> buyers = List.of(
                buyer(0, Told.REFUSED),
                buyer(50, Told.ERROR),
                buyer(149, Told.REFUSED),
                buyer(151, Told.REFUSED),
                buyer(250, Told.FULFILLED),
                buyer(900, Told.REFUSED));
        assertThat(CrowdSuite.clearlyUnfair(buyers)).isEqualTo(2);
        assertThat(CrowdSuite.clearlyUnfair(buyers.subList(0, 4))).isZero();
    }

    private static BuyerRecord buyer(int sentMs, Told told) {
        return new BuyerRecord(
                sentMs,
                0,
                1,
                sentMs * 1_000_000L,
                null,
                null,
                null,
                null,
                told,
                null,
                null,
                null,
                null,
                null,
                null,
                false,
                null,
                null);
    }

    private void crowd(String contender, String metric, double... samples) {
        for (double sample : samples) {
            figures.add(CrowdSuite.KEY, CrowdSuite.workload(1_000), contender, metric, sample);
        }
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
                new HostInfo(2, 24_000, "Linux", "17"),
                "8.0.31",
                "sync_binlog=1",
                figures.series(),
                BenchResult.measured(figures));
    }

    private static Series series(Double... samples) {
        return new Series("suite", "work", "contender", "metric", List.of(samples));
    }
}

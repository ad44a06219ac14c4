package dev.turnstile.local.bench;

import dev.turnstile.local.demo.Machine;
import java.util.List;

/**
 * What a run of the benchmark measured; the content of {@code results.json}.
 *
 * @param date when it ended, ISO-8601
 * @param command the command that repeats it
 * @param commit the commit of the sources, or nothing where it is not known; with "-dirty" if they were changed
 * @param quick whether sizes were small; such figures are not for quoting
 * @param repetitions how many count, after one that was discarded
 * @param apis API processes
 * @param workers worker processes, where the suite does not say otherwise
 * @param machine where it ran
 * @param database the database and its version
 * @param durability how the database was set
 * @param series every figure with its samples
 * @param bars the ratios that Turnstile is held to
 */
record BenchResult(
        String date,
        String command,
        String commit,
        boolean quick,
        int repetitions,
        int apis,
        int workers,
        Machine machine,
        String database,
        String durability,
        List<Series> series,
        List<MeasuredBar> bars) {

    /**
     * A ratio with what was measured.
     *
     * @param claim in words
     * @param least the ratio that is wanted
     * @param ratio the one of the medians of this run
     * @param held whether it is reached
     */
    record MeasuredBar(String claim, double least, double ratio, boolean held) {}

    static List<MeasuredBar> measured(Figures figures) {
        return Bar.all().stream()
                .flatMap(bar -> bar.ratio(figures).stream()
                        .map(ratio -> new MeasuredBar(bar.claim(), bar.least(), ratio, ratio >= bar.least())))
                .toList();
    }
}

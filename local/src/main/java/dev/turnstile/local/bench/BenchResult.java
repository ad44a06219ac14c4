package dev.turnstile.local.bench;

import dev.turnstile.local.demo.HostInfo;
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
 * @param bars what Turnstile is held to
 */
record BenchResult(
        String date,
        String command,
        String commit,
        boolean quick,
        int repetitions,
        int apis,
        int workers,
        HostInfo machine,
        String database,
        String durability,
        List<Series> series,
        List<MeasuredBar> bars) {

    /**
     * A bar with what was measured.
     *
     * @param claim in words
     * @param side whether the bound is the least or the most that is wanted
     * @param bound what is wanted
     * @param value what this run measured
     * @param held whether it is kept
     */
    record MeasuredBar(String claim, Bar.Side side, double bound, double value, boolean held) {}

    static List<MeasuredBar> measured(BenchFigures figures) {
        return Bar.all().stream()
                .flatMap(bar -> bar.value(figures).stream()
                        .map(value -> new MeasuredBar(bar.claim(), bar.side(), bar.bound(), value, bar.isHeld(value))))
                .toList();
    }
}

package dev.turnstile.local.bench;

import java.util.Random;
import java.util.function.Consumer;

/** One table of the benchmark. */
interface Suite {

    /** What {@code --only} calls it. */
    String key();

    /**
     * Measures.
     *
     * @param random for what is left to chance: the same numbers in every run
     * @param progress receives the progress, in lines
     * @throws Exception if the system under test does not do its work
     */
    void measure(BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception;
}

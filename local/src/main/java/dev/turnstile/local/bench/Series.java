package dev.turnstile.local.bench;

import java.util.List;

/**
 * One figure, measured several times: a cell of a table.
 *
 * @param suite the table
 * @param workload what was to be done
 * @param contender who did it
 * @param metric what was measured, with its unit
 * @param samples one value for each repetition, in their order; the discarded warm-up is not among them
 */
record Series(String suite, String workload, String contender, String metric, List<Double> samples) {

    /**
     * @throws IllegalArgumentException if nothing was measured
     */
    Series {
        samples = List.copyOf(samples);
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("no samples of " + metric + " for " + contender + ", " + workload);
        }
    }

    /** The middle value; of an even number of values the mean of the two in the middle. */
    double median() {
        List<Double> sorted = samples.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    double least() {
        return samples.stream().mapToDouble(value -> value).min().orElseThrow();
    }

    double most() {
        return samples.stream().mapToDouble(value -> value).max().orElseThrow();
    }
}

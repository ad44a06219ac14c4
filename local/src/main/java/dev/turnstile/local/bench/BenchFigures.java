package dev.turnstile.local.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gathers what the suites measure, in the order in which it was first measured or expected. Used by one thread. */
final class BenchFigures {

    private record Key(String suite, String workload, String contender, String metric) {}

    private final Map<Key, List<Double>> samples = new LinkedHashMap<>();

    void add(String suite, String workload, String contender, String metric, double sample) {
        samples.computeIfAbsent(new Key(suite, workload, contender, metric), key -> new ArrayList<>())
                .add(sample);
    }

    /** Gives a figure its place among the others before it is measured. */
    void expect(String suite, String workload, String contender, String metric) {
        samples.computeIfAbsent(new Key(suite, workload, contender, metric), key -> new ArrayList<>());
    }

    List<Series> series() {
        return samples.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry -> new Series(
                        entry.getKey().suite(),
                        entry.getKey().workload(),
                        entry.getKey().contender(),
                        entry.getKey().metric(),
                        entry.getValue()))
                .toList();
    }

    Optional<Series> find(String suite, String workload, String contender, String metric) {
        return series().stream()
                .filter(series -> series.suite().equals(suite)
                        && series.workload().equals(workload)
                        && series.contender().equals(contender)
                        && series.metric().equals(metric))
                .findFirst();
    }
}

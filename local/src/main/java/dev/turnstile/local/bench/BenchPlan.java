package dev.turnstile.local.bench;

import java.time.Duration;
import java.util.List;

/**
 * How long and how often is measured.
 *
 * @param repetitions that count; one more, the first, warms up and is discarded
 * @param quick small sizes, to see that everything works; its figures are not for quoting
 */
record BenchPlan(int repetitions, boolean quick) {

    /**
     * @throws IllegalArgumentException if there is nothing to measure
     */
    BenchPlan {
        if (repetitions < 1) {
            throw new IllegalArgumentException("--repetitions must be 1 or more, was " + repetitions);
        }
    }

    /** Users of the crowds over HTTP. */
    List<Integer> crowds() {
        return quick ? List.of(100) : List.of(100, 300, 1_000);
    }

    /** Orders of one drain of Turnstile: enough for about a second or more. */
    int turnstileDrain(Goods goods) {
        return switch (goods) {
            case ONE_HOT, THREE_HOT, MIXED, CATALOGUE, CATALOGUE_ZIPF -> quick ? 2_000 : 20_000;
            case ZIPF -> quick ? 2_000 : 10_000;
        };
    }

    /** At most so many orders of one drain of another contender. */
    int drainLimit() {
        return quick ? 100 : 20_000;
    }

    /** Orders of a backlog that one worker works off. */
    int backlog() {
        return quick ? 2_000 : 100_000;
    }

    /** Lengths of the line. */
    List<Integer> lineLengths() {
        return quick ? List.of(100, 1_000) : List.of(100, 300, 1_000, 3_000, 10_000, 30_000, 100_000);
    }

    /** How many workers decide. */
    List<Integer> workers() {
        return quick ? List.of(1, 2) : List.of(1, 2, 4);
    }

    /** How long an open or closed loop of requests is measured. */
    Duration load() {
        return quick ? Duration.ofMillis(500) : Duration.ofSeconds(6);
    }

    /** How long bare locks are taken. */
    Duration bareLocks() {
        return quick ? Duration.ofMillis(500) : Duration.ofSeconds(2);
    }
}

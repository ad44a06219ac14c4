package dev.turnstile.local.chaos;

import dev.turnstile.local.fault.Fault;
import dev.turnstile.local.fault.Fault.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * When which fault strikes, and for how long. The kinds come in rounds, each kind once in a round, so that all are
 * about equally frequent however few victims one has. Faults may overlap.
 */
final class FaultSchedule {

    private static final int SHORTEST_GAP_MS = 500;
    private static final int GAP_SPREAD_MS = 6000;
    private static final int SHORTEST_MS = 300;
    private static final int LENGTH_SPREAD_MS = 3000;

    /**
     * One fault that is to strike.
     *
     * @param atMs when, after the start
     * @param lastsMs until it is healed, if it does not pass by itself
     * @param choice which victim, as a fraction of the list of all
     */
    record Strike(long atMs, Kind kind, long lastsMs, double choice) {

        /** The fault that is meant, of those of this kind. */
        Fault of(List<Fault> faults) {
            List<Fault> candidates =
                    faults.stream().filter(fault -> fault.kind() == kind).toList();
            return candidates.get((int) (choice * candidates.size()));
        }
    }

    private FaultSchedule() {}

    /** The schedule of a plan, in the order of time. */
    static List<Strike> of(ChaosPlan plan) {
        List<Strike> strikes = new ArrayList<>();
        List<Kind> round = new ArrayList<>();
        if (plan.kinds().isEmpty()) {
            return strikes;
        }
        Random random = new Random(plan.seed());
        long atMs = Duration.ofSeconds(1).toMillis();
        while (atMs < plan.duration().toMillis()) {
            if (round.isEmpty()) {
                round.addAll(plan.kinds().stream().sorted().toList());
                Collections.shuffle(round, random);
            }
            strikes.add(new Strike(
                    atMs, round.remove(0), SHORTEST_MS + random.nextInt(LENGTH_SPREAD_MS), random.nextDouble()));
            atMs += SHORTEST_GAP_MS + random.nextInt(GAP_SPREAD_MS);
        }
        return strikes;
    }
}

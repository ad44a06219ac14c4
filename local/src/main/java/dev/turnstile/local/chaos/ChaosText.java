package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.ChaosResult.KindResult;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A {@link ChaosResult} for people. */
public final class ChaosText {

    private static final int MOST_SHOWN = 20;

    private ChaosText() {}

    /** The whole result, in lines. */
    public static String render(ChaosResult result) {
        StringBuilder text = new StringBuilder();
        text.append(
                "seed %d, %d s: %,d requests, %,d orders decided, %,d faults, %d more hit an already faulty target%n%n"
                        .formatted(
                                result.seed(),
                                result.durationMs() / 1000,
                                result.requests(),
                                result.decided(),
                                result.struck(),
                                result.missed()));
        text.append("%-18s %7s %26s %8s%n".formatted("fault", "struck", "next outcome after, median", "longest"));
        for (KindResult kind : result.kinds()) {
            text.append("%-18s %7d %23d ms %5d ms%n"
                    .formatted(kind.kind(), kind.struck(), kind.medianMs(), kind.longestMs()));
        }
        text.append("%nanswers   %s%n".formatted(inWords(result.answers())));
        text.append("outcomes  %s%n".formatted(inWords(result.statuses())));
        text.append("quiet     every accepted order was decided %,d ms after the last fault had ended%n%n"
                .formatted(result.drainedMs()));
        if (result.held()) {
            text.append("No violation\n");
        } else {
            text.append("%d violation(s)%n".formatted(result.violations().size()));
            result.violations().stream()
                    .limit(MOST_SHOWN)
                    .forEach(violation -> text.append("  ").append(violation).append('\n'));
        }
        return text.toString();
    }

    private static String inWords(Map<?, Integer> counts) {
        return new TreeMap<>(counts)
                .entrySet().stream()
                        .map(count -> (count.getKey().equals(0) ? "none" : count.getKey()) + ": "
                                + "%,d".formatted(count.getValue()))
                        .collect(Collectors.joining(", "));
    }
}

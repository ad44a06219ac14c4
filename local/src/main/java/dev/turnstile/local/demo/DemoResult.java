package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The experiment in every mode that was asked for; the content of {@code result.json}.
 *
 * @param date when it ended, ISO-8601
 * @param held whether every expectation held in every mode
 * @param fairToDistributedWallRatio fair's wall time divided by distributed's; null unless both ran
 * @param setup what ran
 * @param machine where it ran
 * @param modes one result per mode
 */
public record DemoResult(
        String date,
        boolean held,
        @Nullable Double fairToDistributedWallRatio,
        Setup setup,
        HostInfo machine,
        List<ModeResult> modes) {

    /**
     * What ran.
     *
     * @param users users per mode
     * @param stock pieces of each product
     * @param products products under test
     * @param gapMs between one user and the next; 0 for all at once
     * @param warmUp orders per mode sent before
     * @param apis API processes
     * @param workers worker processes
     * @param fairPartitionKey what the fair topic is keyed by
     * @param database the database and its version
     */
    public record Setup(
            int users,
            int stock,
            int products,
            double gapMs,
            int warmUp,
            int apis,
            int workers,
            String fairPartitionKey,
            String database) {}

    /** Puts the results of the modes together. */
    public static DemoResult of(Instant date, Setup setup, HostInfo machine, List<ModeResult> modes) {
        Optional<ModeResult> fair = find(modes, Mode.FAIR);
        Optional<ModeResult> distributed = find(modes, Mode.DISTRIBUTED);
        Double ratio = fair.isPresent() && distributed.isPresent()
                ? fair.get().figures().wallMs() / distributed.get().figures().wallMs()
                : null;
        return new DemoResult(
                date.truncatedTo(ChronoUnit.SECONDS).toString(),
                modes.stream().allMatch(ModeResult::held),
                ratio,
                setup,
                machine,
                List.copyOf(modes));
    }

    private static Optional<ModeResult> find(List<ModeResult> modes, Mode mode) {
        return modes.stream().filter(result -> result.mode() == mode).findFirst();
    }
}

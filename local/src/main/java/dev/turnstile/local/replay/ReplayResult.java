package dev.turnstile.local.replay;

import dev.turnstile.local.demo.HostInfo;
import dev.turnstile.local.replay.GapMeter.Gaps;
import dev.turnstile.local.replay.Tally.Latency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a replay did.
 *
 * @param run its id; in the ledger's column {@code replay_run} and in the header {@code replay-run} of its records
 * @param startedAt when the first order was due
 * @param endedEarly why it ended before its end, or null
 * @param topic where the orders were recorded
 * @param range which of them, in words
 * @param targets where they were sent
 * @param speed the factor, or max
 * @param maxRate most orders per second, or null
 * @param counts how many of what
 * @param recordedMs from the first to the last order that was sent, as recorded
 * @param plannedMs the same, as it should have been sent
 * @param sentMs the same, as it was sent
 * @param gaps how well the gaps between orders were kept; null at speed max without a rate
 * @param sentPerSecond orders per second while they were sent
 * @param decidedPerSecond outcomes per second, from the first sending to the last outcome
 * @param latency from when orders were due (at speed max without a rate: from when they were sent) to their outcomes
 * @param replayed how many orders have each outcome
 * @param comparison with the recorded outcomes; null without a ledger to ask
 * @param notCompared why the ledger could not be asked, or null
 * @param machine where the replay ran
 */
public record ReplayResult(
        String run,
        Instant startedAt,
        @Nullable String endedEarly,
        String topic,
        String range,
        List<String> targets,
        String speed,
        @Nullable Double maxRate,
        Counts counts,
        double recordedMs,
        double plannedMs,
        double sentMs,
        @Nullable Gaps gaps,
        double sentPerSecond,
        double decidedPerSecond,
        Latency latency,
        Map<String, Long> replayed,
        @Nullable Comparison comparison,
        @Nullable String notCompared,
        HostInfo machine) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * How many of what.
     *
     * @param read records
     * @param unreadable those that hold no order, and were skipped
     * @param firstUnreadable where the first of them is, or null
     * @param ofReplays those of earlier replays, and were skipped
     * @param withoutRecord offsets that hold no committed record: of aborted transactions, of marks of transactions,
     *     compacted away
     * @param sent orders that were sent, or tried to be
     * @param notSent those that the broker did not take
     * @param firstNotSent why the first of them was not, or null
     * @param answered those whose outcome came
     * @param found those whose outcome did not come, and is in the ledger
     * @param missing those without an outcome
     */
    public record Counts(
            long read,
            long unreadable,
            @Nullable String firstUnreadable,
            long ofReplays,
            long withoutRecord,
            long sent,
            long notSent,
            @Nullable String firstNotSent,
            long answered,
            long found,
            long missing) {}

    /** Whether every order that was sent has its outcome. */
    public boolean nothingLost() {
        return counts.notSent() == 0 && counts.missing() == 0;
    }

    /**
     * Writes it as JSON; missing folders are made, an existing file is replaced.
     *
     * @throws IOException if it can't be written
     */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, JSON.writeValueAsBytes(this));
    }
}

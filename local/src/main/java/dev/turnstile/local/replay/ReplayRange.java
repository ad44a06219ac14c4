package dev.turnstile.local.replay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which records of a topic are replayed. A partition is read from its first record that is not before the range up to
 * the first that is not in it any more, and never past the end that it has when the replay starts.
 *
 * @param from not before this time, or null
 * @param to before this time, or null
 * @param fromOffset not before this offset of each partition, or null
 * @param toOffset before this offset of each partition, or null
 * @param partition only this partition, or null for all
 */
public record ReplayRange(
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable Long fromOffset,
        @Nullable Long toOffset,
        @Nullable Integer partition) {

    /** Everything. */
    public static final ReplayRange ALL = new ReplayRange(null, null, null, null, null);

    /**
     * @throws IllegalArgumentException naming what makes no range
     */
    public ReplayRange {
        boolean times = from != null || to != null;
        boolean offsets = fromOffset != null || toOffset != null;
        require(!(times && offsets), "times and offsets can't be combined");
        require(from == null || to == null || from.isBefore(to), "the start must be before the end");
        require(fromOffset == null || fromOffset >= 0, "an offset must be 0 or more");
        require(
                fromOffset == null || toOffset == null || fromOffset < toOffset,
                "the first offset must be smaller than the end");
        require(toOffset == null || toOffset > 0, "the end must be an offset greater than 0");
        require(partition == null || partition >= 0, "a partition must be 0 or more");
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** In words, for people. */
    String describe() {
        StringBuilder text = new StringBuilder();
        append(text, " from ", from);
        append(text, " to ", to);
        append(text, " from offset ", fromOffset);
        append(text, " to offset ", toOffset);
        append(text, " of partition ", partition);
        return text.toString();
    }

    private static void append(StringBuilder text, String words, @Nullable Object value) {
        if (value != null) {
            text.append(words).append(value);
        }
    }
}

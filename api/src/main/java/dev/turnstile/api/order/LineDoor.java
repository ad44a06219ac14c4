package dev.turnstile.api.order;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemAnswer;
import dev.turnstile.api.problem.ProblemType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a moment that the line was full, so that a crowd which comes many times faster than the line moves is turned away
 * without asking for each of them. Those who ask after that moment find out whether there is room again. Safe for use by any thread.
 */
final class LineDoor {

    private final long believedNanos;
    private final LongSupplier nanoTime;
    private volatile @Nullable Refusal last;

    private record Refusal(ProblemAnswer answer, long until) {}

    /**
     * Makes a door that is open.
     *
     * @param believedFor how long what was learnt is believed; 0 believes nothing
     * @param nanoTime a clock that never goes back
     */
    LineDoor(Duration believedFor, LongSupplier nanoTime) {
        this.believedNanos = believedFor.toNanos();
        this.nanoTime = nanoTime;
    }

    /** What a client is told whom the line did not let in. */
    static Problem refusal(long waiting) {
        return Problem.of(ProblemType.LINE_FULL, waiting + " orders are in the line, as many as may be now.");
    }

    /** Takes note that the line let nobody in. */
    void full(long waiting) {
        if (believedNanos > 0) {
            last = new Refusal(refusal(waiting).answer(), nanoTime.getAsLong() + believedNanos);
        }
    }

    /** What is answered without asking the line, if it was full a moment ago. */
    Optional<ProblemAnswer> refusalIfFull() {
        Refusal refusal = last;
        if (refusal == null) {
            return Optional.empty();
        }
        if (nanoTime.getAsLong() - refusal.until() >= 0) {
            last = null;
            return Optional.empty();
        }
        return Optional.of(refusal.answer());
    }
}

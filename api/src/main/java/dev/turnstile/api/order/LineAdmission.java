package dev.turnstile.api.order;

import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemAnswer;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.LineCounters;
import dev.turnstile.line.LineThroughput;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * For how many there is room in the line, so that none waits too long; and, once it was full, who is turned away
 * without asking it. A crowd that comes many times faster than the line moves would else spend all that this instance
 * has on asking. While the line is known to be full, no more orders ask for a place than leave it. Safe for use by any
 * thread.
 */
final class LineAdmission {

    /** How long the line is assumed to be full without newer information; the next order finds out. */
    static final Duration BELIEVED_FOR = Duration.ofSeconds(1);

    /** So many ask in a second, however slowly the line moves. */
    static final int LEAST_ASKING = 50;

    private final LineThroughput pace;
    private final Duration waitLimit;
    private final int leastRoom;
    private final int maxWaiting;
    private final LongSupplier nanoTime;
    private final AtomicLong nextMayAsk = new AtomicLong();
    private volatile @Nullable Refusal last;

    private record Refusal(ProblemAnswer answer, long until) {}

    /**
     * Makes a door that is open.
     *
     * @param waitLimit how long orders in the line may wait at its pace while it admits more; 0 admits up to its
     *     capacity
     * @param leastRoom how many it admits at any pace
     * @param maxWaiting how many it holds
     * @param nanoTime a clock that never goes back
     */
    LineAdmission(LineThroughput pace, Duration waitLimit, int leastRoom, int maxWaiting, LongSupplier nanoTime) {
        this.pace = pace;
        this.waitLimit = waitLimit;
        this.leastRoom = leastRoom;
        this.maxWaiting = maxWaiting;
        this.nanoTime = nanoTime;
    }

    /** How many orders may be in the line now. */
    int room() {
        return waitLimit.isZero() ? maxWaiting : Math.min(maxWaiting, Math.max(leastRoom, pace.room(waitLimit)));
    }

    /** Takes a snapshot of the line's counters, a few times per second. */
    void seen(LineCounters traffic) {
        pace.seen(traffic);
        if (traffic.waiting() * 10 < room() * 9L) { // not at each place that gets free
            last = null;
        }
    }

    /** The answer to a client whose order the line rejected. */
    static Problem refusal(long waiting) {
        String orders = waiting == 1 ? "1 order" : waiting + " orders";
        return Problem.of(ProblemType.LINE_FULL, "The line is full (" + orders + " waiting).");
    }

    /** Notes that the line rejected an order. */
    void full(long waiting) {
        long now = nanoTime.getAsLong();
        nextMayAsk.set(now + betweenAsking());
        last = new Refusal(refusal(waiting).answer(), now + BELIEVED_FOR.toNanos());
    }

    /** What an order is answered without asking the line; empty if it may ask. */
    Optional<ProblemAnswer> refusal() {
        Refusal refusal = last;
        long now = nanoTime.getAsLong();
        if (refusal == null || now - refusal.until() >= 0 || isNextToAsk(now)) {
            return Optional.empty();
        }
        return Optional.of(refusal.answer());
    }

    private boolean isNextToAsk(long now) {
        long next = nextMayAsk.get();
        return now - next >= 0 && nextMayAsk.compareAndSet(next, now + betweenAsking());
    }

    private long betweenAsking() {
        return (long) (1e9 / Math.max(LEAST_ASKING, pace.perSecond()));
    }
}

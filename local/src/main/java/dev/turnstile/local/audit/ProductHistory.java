package dev.turnstile.local.audit;

import dev.turnstile.local.audit.LedgerStock.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stock of one product, retraced from what was booked and sold. Orders are known in the order of their commits, and
 * booked changes in theirs (both are made under the row's lock), but not how the two interleave. So between two orders,
 * any of the next changes may lie; the fewest that explain the reported stock are taken, which leaves the most for
 * those after it. Clocks only rule out the impossible: a change can't explain an order decided long before it was
 * booked, and must show in one decided long after.
 */
final class ProductHistory {

    /** How much the clocks of an API and of a worker may differ. */
    static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(30);

    private final List<Change> changes;
    private Course course;

    /** The stock if the last order, whose reported stock does not follow, was right. */
    private @Nullable Course other;

    /**
     * The history of a product from its first change on: that made the stock row, so every order that saw the row came
     * after it.
     *
     * @param changes booked differences, in their order
     * @param retired pieces of orders before all known ones: what was booked before them is among the changes
     */
    ProductHistory(List<Change> changes, long retired) {
        this.changes = changes;
        this.course = new Course(0, 0, -retired);
        if (!changes.isEmpty()) {
            course.takeNext();
        }
    }

    /**
     * Goes on to an order.
     *
     * @param told the stock at its decision, as it was reported
     * @param decidedAt by the worker's clock
     * @return whether that follows from what was before. If not, the report to the order is taken to be wrong; but
     *     if the report to the next one follows from it, the stock is taken to have really been that.
     */
    boolean follows(long told, Instant decidedAt) {
        long atMs = decidedAt.toEpochMilli();
        boolean follows = course.reach(told, atMs);
        if (!follows && other != null && other.reach(told, atMs)) {
            course = other;
            follows = true;
        }
        other = follows ? null : course.likelyAt(atMs).withLevel(told);
        return follows;
    }

    /** Takes pieces from the stock. */
    void sell(int quantity) {
        course.level -= quantity;
        if (other != null) {
            other.level -= quantity;
        }
    }

    /** What was most likely there at a time, going by the clocks. */
    long likelyLevel(Instant at) {
        return course.likelyAt(at.toEpochMilli()).level;
    }

    /** How many changes that added stock lie before the last order. */
    int restocks() {
        return course.restocks;
    }

    /** One way in which things may have gone. */
    private final class Course {

        private int seen;
        private int restocks;
        private long level;

        Course(int seen, int restocks, long level) {
            this.seen = seen;
            this.restocks = restocks;
            this.level = level;
        }

        boolean reach(long told, long atMs) {
            while (seen < changes.size() && changes.get(seen).bookedAtMs() < atMs - CLOCKS_DIFFER_BY.toMillis()) {
                takeNext();
            }
            Course ahead = new Course(seen, restocks, level);
            while (ahead.level != told) {
                if (ahead.seen == changes.size()
                        || changes.get(ahead.seen).bookedAtMs() > atMs + CLOCKS_DIFFER_BY.toMillis()) {
                    return false;
                }
                ahead.takeNext();
            }
            seen = ahead.seen;
            restocks = ahead.restocks;
            level = ahead.level;
            return true;
        }

        Course likelyAt(long atMs) {
            Course likely = new Course(seen, restocks, level);
            while (likely.seen < changes.size() && changes.get(likely.seen).bookedAtMs() <= atMs) {
                likely.takeNext();
            }
            return likely;
        }

        Course withLevel(long known) {
            return new Course(seen, restocks, known);
        }

        private void takeNext() {
            Change change = changes.get(seen);
            level += change.difference();
            restocks += change.difference() > 0 ? 1 : 0;
            seen++;
        }
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.local.audit.LedgerStock.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stock of one product, retraced from what was booked and sold. Orders are known in the order of their commits, and
 * booked changes in theirs (both are made under the row's lock), but not how the two interleave. So between two orders,
 * any changes that come next may lie; the fewest that explain what an order was told are taken, which leaves the most for
 * those after it. Clocks only rule out the impossible: a change can't explain an order decided long before it was booked,
 * and must show in one decided long after.
 */
final class ProductHistory {

    /** How much the clocks of an API and of a worker may differ. */
    static final Duration CLOCKS_DIFFER_BY = Duration.ofMinutes(10);

    private final List<Change> changes;
    private int seen;
    private int restocks;
    private long level;

    /** What would have to be added to explain the last order, if it did not follow. */
    private @Nullable Long moved;

    /**
     * The history of a product that nobody has stocked yet.
     *
     * @param changes booked differences, in their order
     */
    ProductHistory(List<Change> changes) {
        this.changes = changes;
    }

    /**
     * Goes on to an order.
     *
     * @param told what was there when it was decided, as it was told
     * @param decidedAt by the worker's clock
     * @return whether that follows from what was before. If not, the order is taken to have been told something wrong; but
     *     if the next one was told something that follows from it, the stock is taken to have really been that.
     */
    boolean follows(long told, Instant decidedAt) {
        long decidedAtMs = decidedAt.toEpochMilli();
        while (seen < changes.size() && changes.get(seen).bookedAtMs() < decidedAtMs - CLOCKS_DIFFER_BY.toMillis()) {
            takeNext();
        }
        if (reach(told, decidedAtMs)) {
            moved = null;
            return true;
        }
        if (moved != null) {
            level += moved;
            if (reach(told, decidedAtMs)) {
                moved = null;
                return true;
            }
            level -= moved;
        }
        moved = told - level;
        return false;
    }

    /** Takes pieces from the stock. */
    void sell(int quantity) {
        level -= quantity;
    }

    /** What should be there now. */
    long level() {
        return level;
    }

    /** How many changes that added stock lie before the last order. */
    int restocks() {
        return restocks;
    }

    private boolean reach(long told, long decidedAtMs) {
        long reached = level;
        int upTo = seen;
        while (reached != told) {
            if (upTo == changes.size() || changes.get(upTo).bookedAtMs() > decidedAtMs + CLOCKS_DIFFER_BY.toMillis()) {
                return false;
            }
            reached += changes.get(upTo).difference();
            upTo++;
        }
        while (seen < upTo) {
            takeNext();
        }
        return true;
    }

    private void takeNext() {
        Change change = changes.get(seen);
        level += change.difference();
        restocks += change.difference() > 0 ? 1 : 0;
        seen++;
    }
}

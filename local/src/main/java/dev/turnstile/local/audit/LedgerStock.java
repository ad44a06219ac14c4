package dev.turnstile.local.audit;

import java.util.List;
import java.util.Map;

/**
 * The tables {@code stock} and {@code stock_changes}.
 *
 * @param rows stock rows by product
 * @param changes booked differences by product, in the order in which they were booked
 */
record LedgerStock(Map<Long, Row> rows, Map<Long, List<Change>> changes) {

    /** A row of the table {@code stock}. */
    record Row(long productId, long quantity, long version, long lineFence, long lineTicket, long lockFence) {}

    /**
     * A booked difference.
     *
     * @param bookedAtMs by an API's clock, ms since 1970
     * @param version the row's version after it
     * @param lineTicket the highest ticket that was decided on the row before it
     */
    record Change(int difference, long bookedAtMs, long version, long lineTicket) {}

    List<Change> changesOf(long productId) {
        return changes.getOrDefault(productId, List.of());
    }
}

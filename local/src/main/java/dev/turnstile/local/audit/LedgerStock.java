package dev.turnstile.local.audit;

import java.util.List;
import java.util.Map;

/**
 * The tables {@code stock} and {@code stock_changes}.
 *
 * @param rows stock rows by product
 * @param changes booked differences by product, in the order in which they were booked
 * @param retired what orders left that are deleted, by product
 */
record LedgerStock(Map<Long, Row> rows, Map<Long, List<Change>> changes, Map<Long, Retired> retired) {

    private static final Retired NOTHING = new Retired(0, 0);

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

    /**
     * What orders left that were committed before all others, and are deleted.
     *
     * @param pieces what they got
     * @param lastTicket the highest of their tickets, 0 if none had one
     */
    record Retired(long pieces, long lastTicket) {}

    Retired retiredOf(long productId) {
        return retired.getOrDefault(productId, NOTHING);
    }

    List<Change> changesOf(long productId) {
        return changes.getOrDefault(productId, List.of());
    }
}

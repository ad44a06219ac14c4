package dev.turnstile.stock;

import dev.turnstile.order.Order;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Orders that are decided together, in this order, under one right to their stock.
 *
 * @param guard what gives the right
 * @param fence its fencing token; greater than that of every earlier holder of any of the products
 * @param entries the orders, in fair mode ascending by ticket
 */
public record Run(Guard guard, long fence, List<Entry> entries) {

    /** What a run holds its right to the stock by. Each has tokens of its own in the ledger. */
    public enum Guard {
        /** A claim in the ticket line. */
        LINE,
        /** A lease of the Redlock. */
        LOCK
    }

    /**
     * An order of a run.
     *
     * @param order the order
     * @param ticket its ticket, or null in distributed mode
     */
    public record Entry(Order order, @Nullable Long ticket) {}
}

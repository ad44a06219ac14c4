package dev.turnstile.stock;

import dev.turnstile.order.Order;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Orders that are decided together, in this order, by the holder of the right to the stock of all their products.
 *
 * @param guard what gives the right
 * @param fences for each of their products the fencing token under which it is held, greater than that of every earlier
 *     holder of that product; the products of one order have the same
 * @param entries the orders, in fair mode ascending by ticket
 */
public record Run(Guard guard, Map<Long, Long> fences, List<Entry> entries) {

    /** Orders that are decided under one fencing token. */
    public Run(Guard guard, long fence, List<Entry> entries) {
        this(guard, fences(fence, entries), entries);
    }

    private static Map<Long, Long> fences(long fence, List<Entry> entries) {
        Map<Long, Long> fences = new HashMap<>();
        entries.forEach(entry -> entry.order().productIds().forEach(productId -> fences.put(productId, fence)));
        return fences;
    }

    /**
     * The fencing token under which a product is held.
     *
     * @throws IllegalArgumentException if no order of the run has the product
     */
    public long fence(long productId) {
        Long fence = fences.get(productId);
        if (fence == null) {
            throw new IllegalArgumentException("product " + productId + " is not held for this run");
        }
        return fence;
    }

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

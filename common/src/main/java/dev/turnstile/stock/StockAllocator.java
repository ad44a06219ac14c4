package dev.turnstile.stock;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides orders one after the other against stock that is locked: all lines of an order or none, and a refused order
 * takes nothing from those behind it.
 */
public final class StockAllocator {

    private final Map<Long, Integer> quantities = new HashMap<>();
    private final Map<Long, Integer> taken = new HashMap<>();

    /**
     * A till over what there is.
     *
     * @param quantities pieces by product; a product that is missing is not known
     */
    public StockAllocator(Map<Long, Integer> quantities) {
        this.quantities.putAll(quantities);
    }

    StockAllocator(Iterable<StockRow> rows) {
        for (StockRow row : rows) {
            quantities.put(row.productId(), row.quantity());
        }
    }

    /** Decides an order against what those served before it left. */
    public Outcome serve(Order order) {
        List<Long> unknown = order.productIds().stream()
                .filter(id -> !quantities.containsKey(id))
                .toList();
        if (!unknown.isEmpty()) {
            return new Outcome.UnknownProduct(unknown);
        }
        List<Shortage> shortages = new ArrayList<>();
        for (OrderLine line : order.lines()) {
            int available = available(line.productId());
            if (available < line.quantity()) {
                shortages.add(new Shortage(line.productId(), line.quantity(), available));
            }
        }
        if (!shortages.isEmpty()) {
            return new Outcome.OutOfStock(shortages);
        }
        List<StockLevel> levels = new ArrayList<>(order.lines().size());
        for (OrderLine line : order.lines()) {
            int left = available(line.productId()) - line.quantity();
            quantities.put(line.productId(), left);
            taken.merge(line.productId(), line.quantity(), Math::addExact);
            levels.add(new StockLevel(line.productId(), left));
        }
        return new Outcome.Fulfilled(levels);
    }

    /** Pieces of a product that the orders served so far took, 0 if none. */
    public int taken(long productId) {
        return taken.getOrDefault(productId, 0);
    }

    private int available(long productId) {
        return quantities.getOrDefault(productId, 0);
    }
}

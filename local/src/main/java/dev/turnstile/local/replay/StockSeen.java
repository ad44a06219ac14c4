package dev.turnstile.local.replay;

import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The highest stock of each product in the outcomes: what an order found, fulfilled or not. Without a
 * restock in between that is what the first of them found.
 */
final class StockSeen {

    private final Map<Long, Integer> highest = new HashMap<>();

    /**
     * Reads an outcome.
     *
     * @param lines of its order
     */
    void see(List<OrderLine> lines, Outcome outcome) {
        if (outcome instanceof Outcome.Fulfilled fulfilled) {
            Map<Long, Integer> wanted = new HashMap<>();
            lines.forEach(line -> wanted.put(line.productId(), line.quantity()));
            for (StockLevel level : fulfilled.stocks()) {
                see(level.productId(), level.quantity() + wanted.getOrDefault(level.productId(), 0));
            }
        } else if (outcome instanceof Outcome.OutOfStock refused) {
            for (Shortage shortage : refused.shortages()) {
                see(shortage.productId(), shortage.available());
            }
        }
    }

    private void see(long productId, int quantity) {
        highest.merge(productId, quantity, Math::max);
    }

    /** By product. */
    Map<Long, Integer> highest() {
        return new TreeMap<>(highest);
    }
}

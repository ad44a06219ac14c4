package dev.turnstile.line;

import dev.turnstile.order.Order;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A run of orders that only its claimer may decide until the lease ends.
 *
 * @param fence fencing token, greater than that of every earlier claim
 * @param claimedAt when, ms of the line's clock
 * @param more whether it ended at a bound, so that more orders can probably be claimed behind it
 * @param orders the orders, ascending by ticket
 */
public record Claim(long fence, long claimedAt, boolean more, List<Claimed> orders) {

    /**
     * An order of a claim.
     *
     * @param ticket its ticket
     * @param keeper the worker that consumed it
     * @param order the order
     */
    public record Claimed(Ticket ticket, String keeper, Order order) {}

    /** All products of its orders, ascending. */
    public Set<Long> productIds() {
        Set<Long> productIds = new TreeSet<>();
        orders.forEach(claimed -> productIds.addAll(claimed.order().productIds()));
        return productIds;
    }
}

package dev.turnstile.local.demo;

import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.util.List;

/**
 * One experiment: every user buys one piece of every product.
 *
 * @param users how many buy
 * @param stock pieces of each product at the start
 * @param productIds the products under test
 * @param gap between one user and the next; zero releases all at once
 * @param warmUp orders per mode that are sent first, for other products, and not judged
 * @param patience how long after the last user was sent answers, and then outcomes in the ledger, are waited for
 */
public record Plan(int users, int stock, List<Long> productIds, Duration gap, int warmUp, Duration patience) {

    /** The smallest gap at which the order of sending can be distinguished from the order of arriving. */
    public static final Duration TELLING_GAP = Duration.ofMillis(2);

    /**
     * @throws IllegalArgumentException if a number makes no experiment; the message names it
     */
    public Plan {
        productIds = List.copyOf(productIds);
        require(users > 0, "users must be at least 1, was " + users);
        require(stock >= 0, "stock must not be negative, was " + stock);
        require(!productIds.isEmpty(), "there must be at least one product");
        require(!gap.isNegative(), "the gap between users must not be negative, was " + gap);
        require(warmUp >= 0, "warm-up orders must not be negative, was " + warmUp);
        require(!patience.isNegative() && !patience.isZero(), "patience must be positive, was " + patience);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** How many users can be served. */
    public int servable() {
        return Math.min(users, stock);
    }

    /** Whether users are far enough apart that the order of sending says who was first. */
    public boolean sendOrderTells() {
        return gap.compareTo(TELLING_GAP) >= 0;
    }

    List<OrderLine> lines() {
        return productIds.stream().map(id -> new OrderLine(id, 1)).toList();
    }
}

package dev.turnstile.stock;

import dev.turnstile.order.Decision;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What the ledger committed for a run.
 *
 * @param decisions one per entry of the run, in its order; a stored one where the order had been decided before
 * @param stocks stock of its products after the run, for the cache
 * @param before those of its orders that had been decided before
 */
public record DecidedRun(List<Decision> decisions, List<Stock> stocks, Set<UUID> before) {

    /** A run of which no order had been decided before. */
    public DecidedRun(List<Decision> decisions, List<Stock> stocks) {
        this(decisions, stocks, Set.of());
    }
}

package dev.turnstile.stock;

import dev.turnstile.order.Decision;
import java.util.List;

/**
 * What the ledger committed for a run.
 *
 * @param decisions one per entry of the run, in its order; a stored one where the order had been decided before
 * @param stocks what its products stand at, for the cache
 */
public record Decided(List<Decision> decisions, List<Stock> stocks) {}

package dev.turnstile.line;

import dev.turnstile.stock.Stock;
import java.util.List;

/**
 * The run that a worker has finished, with its orders to release.
 *
 * @param claim the run
 * @param decided whether its orders are decided and committed; if not, they can be claimed again at once
 * @param stocks what the ledger committed for its products, for the cache
 */
public record FinishedRun(Claim claim, boolean decided, List<Stock> stocks) {

    /** Gives a claim back of which nothing was decided. */
    public static FinishedRun undecided(Claim claim) {
        return new FinishedRun(claim, false, List.of());
    }

    /** Gives a claim back whose every order was decided. */
    public static FinishedRun decided(Claim claim, List<Stock> stocks) {
        return new FinishedRun(claim, true, stocks);
    }
}

package dev.turnstile.line;

import dev.turnstile.stock.Stock;
import java.util.List;

/**
 * What a worker gives back at the end of a run.
 *
 * @param claim the run
 * @param decided the tickets of it whose orders are decided and committed; the others can be claimed again at once
 * @param stocks what the ledger committed for its products, for the cache
 */
public record Handback(Claim claim, List<Ticket> decided, List<Stock> stocks) {

    /** Gives a claim back of which nothing was decided. */
    public static Handback undecided(Claim claim) {
        return new Handback(claim, List.of(), List.of());
    }

    /** Gives a claim back whose every order was decided. */
    public static Handback decided(Claim claim, List<Stock> stocks) {
        return new Handback(
                claim, claim.orders().stream().map(Claim.Claimed::ticket).toList(), stocks);
    }
}

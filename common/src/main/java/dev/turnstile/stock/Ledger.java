package dev.turnstile.stock;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The truth: stored stock and one outcome per order. Whatever locks, leases, caches and messages do, what the ledger
 * committed is what happened.
 *
 * <p>All methods block on the database and throw a {@link org.springframework.dao.DataAccessException} when it can't be
 * reached or refuses.
 */
public interface Ledger {

    /** The outcome of an order, or nothing as long as it is undecided. */
    Optional<Decision> find(UUID orderId);

    /** The outcomes of those of the orders that are decided. */
    Map<UUID, Decision> find(Collection<UUID> orderIds);

    /** Those of the orders that are decided, with what they wanted. */
    Map<UUID, RecordedOrder> recorded(Collection<UUID> orderIds);

    /**
     * A page of all stock, ascending by product id.
     *
     * @param after products with a greater id only; 0 for the first page, later the last product of the page before
     * @param most the size of the page; a shorter one is the last
     */
    List<Stock> stocks(long after, int most);

    /** The stock of those of the products that are known. */
    List<Stock> stocks(Collection<Long> productIds);

    /** The stock of a product, or nothing if the product is not known. */
    Optional<Stock> stock(long productId);

    /**
     * Sets the stored stock of a product, making the product known if it was not, and books the difference.
     *
     * @param quantity the new stock, 0 or more
     * @throws IllegalArgumentException if the quantity is negative
     */
    Stock setStock(long productId, int quantity);

    /**
     * Records an outcome that touches no stock for orders: they were cancelled, not served in time, or are invalid. The
     * first to commit wins: an order that is decided already keeps its outcome.
     *
     * @return the outcomes that stand, in the order of the entries
     */
    List<Decision> refuse(List<Run.Entry> entries, Outcome outcome);

    /**
     * Records an order of which only the id is readable.
     *
     * @param ticket its ticket, or null
     * @return the outcome that stands
     */
    Decision setAside(UUID orderId, Mode mode, @Nullable Long ticket, Outcome.Invalid outcome);

    /**
     * Writes something that concerns no order. Returns when that is committed, so not while the database takes no
     * writes.
     */
    void beat();

    /**
     * Opens a session in which runs are decided. While it is open, no statement of it waits longer for a row than a bit
     * less than {@code lease}, and the database ends it if it stalls for a second less than that: a holder that is
     * paused between its update and its commit must not keep the rows from the next holder.
     *
     * @param lease how long the right to the stock lasts; at least three seconds
     */
    Session open(Duration lease);

    /** One connection to the ledger, for one thread. */
    interface Session extends AutoCloseable {

        /**
         * Decides a run in one transaction: locks its stock rows in ascending product id, answers orders that are
         * already decided with their stored outcome, and the others one after the other in the order of the run.
         *
         * @param held called before the commit; if it is false, another worker may already wait for the rows
         * @throws StaleFenceException if a later holder has been at one of the rows; nothing was changed
         * @throws LeaseLostException if the right to the stock ended before the commit; nothing was changed
         * @throws org.springframework.dao.DataAccessException if the database failed; whether the run was committed is
         *     not known then, and deciding it again under a new claim finds out
         */
        DecidedRun decide(Run run, BooleanSupplier held);

        /** Decides under a right that is not known to end before its fence is outdated. */
        default DecidedRun decide(Run run) {
            return decide(run, () -> true);
        }

        /** Gives the connection back. */
        @Override
        void close();
    }
}

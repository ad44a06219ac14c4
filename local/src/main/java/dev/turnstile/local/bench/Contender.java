package dev.turnstile.local.bench;

import dev.turnstile.order.Order;
import java.util.List;

/**
 * Something that decides orders: one row of a table of the benchmark. It holds its connections from its making until it
 * is closed.
 */
public interface Contender extends AutoCloseable {

    /** Its name in tables, for example "plain SQL, 32 connections". */
    String name();

    /**
     * How many orders one repetition should have at most, so that it ends in about two seconds even where this one is
     * slow.
     */
    int drainSize();

    /**
     * Decides all orders and returns when every outcome is committed, or when the contender's own bounds are reached:
     * an order it gives up has no row in the ledger. The stock is set before. Blocks; one drain at a time.
     *
     * @param orders each with an id that the ledger has not seen
     * @throws Exception if an order can't be decided for another reason than that its turn did not come in time; what
     *     became of the others is not known then
     */
    DrainResult drain(List<Order> orders) throws Exception;

    /** Gives up the connections. */
    @Override
    void close();
}

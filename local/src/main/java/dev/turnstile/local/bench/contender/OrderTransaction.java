package dev.turnstile.local.bench.contender;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.StockLevel;
import dev.turnstile.stock.OrderRow;
import dev.turnstile.stock.StockAllocator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * One order, one transaction: a conditional update of each stock row in ascending product id, the order's row, commit.
 * For one thread at a time.
 *
 * <p>It takes as few round trips as this can: {@code LAST_INSERT_ID(expr)} brings what remains back with the update
 * itself, so nothing is read but when stock is short. The rows are locked in ascending order, so that no two
 * transactions wait for each other; a deadlock or lock time-out is tried again all the same, and counted.
 */
public final class OrderTransaction implements AutoCloseable {

    private static final int MOST_TRIES = 100;

    private static final String TAKE = "UPDATE stock SET quantity = LAST_INSERT_ID(quantity - ?), version = version + 1"
            + " WHERE product_id = ? AND quantity >= ?";

    private final Connection connection;
    private final LongAdder retries;
    private final PreparedStatement take;
    private final PreparedStatement insert;

    /**
     * Prepares the statements.
     *
     * @param connection at READ COMMITTED, without auto-commit; stays open when this is closed
     * @param retries counts what is tried again
     */
    public OrderTransaction(Connection connection, LongAdder retries) throws SQLException {
        this.connection = connection;
        this.retries = retries;
        this.take = connection.prepareStatement(TAKE, Statement.RETURN_GENERATED_KEYS);
        this.insert = connection.prepareStatement(OrderRow.INSERT);
    }

    /**
     * Decides an order against the stored stock and commits.
     *
     * @throws SQLException if the database fails or breaks off every try
     */
    public Outcome decide(Order order) throws SQLException {
        return inTransaction(() -> {
            Optional<List<StockLevel>> left = take(order);
            Outcome outcome = left.isPresent() ? new Outcome.Fulfilled(left.get()) : refused(order);
            insert(order, outcome);
            return outcome;
        });
    }

    /**
     * Stores an order that was decided elsewhere, and commits. If it was fulfilled there but the stored stock does not
     * cover it, it is refused here.
     *
     * @return what was stored
     * @throws SQLException if the database fails or breaks off every try
     */
    public Outcome store(Order order, Outcome decided) throws SQLException {
        return inTransaction(() -> {
            boolean isShort =
                    decided instanceof Outcome.Fulfilled && take(order).isEmpty();
            Outcome outcome = isShort ? refused(order) : decided;
            insert(order, outcome);
            return outcome;
        });
    }

    @FunctionalInterface
    private interface Work {
        Outcome run() throws SQLException;
    }

    private Outcome inTransaction(Work work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                Outcome outcome = work.run();
                connection.commit();
                return outcome;
            } catch (SQLTransactionRollbackException e) {
                connection.rollback();
                if (attempt == MOST_TRIES) {
                    throw e;
                }
                retries.increment();
            } catch (SQLException e) {
                rollback(e);
                throw e;
            }
        }
    }

    /** Takes all lines, or returns nothing if one was short; the caller rolls back what was taken before it. */
    private Optional<List<StockLevel>> take(Order order) throws SQLException {
        List<StockLevel> left = new ArrayList<>(order.lines().size());
        for (OrderLine line : order.lines()) {
            take.setInt(1, line.quantity());
            take.setLong(2, line.productId());
            take.setInt(3, line.quantity());
            if (take.executeUpdate() == 0) {
                return Optional.empty();
            }
            try (ResultSet key = take.getGeneratedKeys()) {
                // The driver gives no key where it is 0.
                left.add(new StockLevel(line.productId(), key.next() ? key.getInt(1) : 0));
            }
        }
        return Optional.of(left);
    }

    private Outcome refused(Order order) throws SQLException {
        // What was taken of the products before the one that was short goes back.
        connection.rollback();
        Outcome outcome = new StockAllocator(StockQuantities.read(connection, order.productIds())).serve(order);
        if (outcome instanceof Outcome.Fulfilled) {
            throw new SQLTransactionRollbackException("stock came in meanwhile");
        }
        return outcome;
    }

    private void insert(Order order, Outcome outcome) throws SQLException {
        OrderRow.unfenced(order, outcome, null, Instant.now()).setParameters(insert);
        insert.executeUpdate();
    }

    private void rollback(SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() throws SQLException {
        take.close();
        insert.close();
    }
}

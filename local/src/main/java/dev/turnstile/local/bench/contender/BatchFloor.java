package dev.turnstile.local.bench.contender;

import dev.turnstile.local.bench.Contender;
import dev.turnstile.local.bench.DrainResult;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.Order;
import dev.turnstile.stock.OrderRow;
import dev.turnstile.stock.StockAllocator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The floor: the same rows from one thread over one connection, in transactions of 500 orders. No line, no lock, no
 * Kafka, no check for orders that were decided before: what the database alone takes for the rows.
 */
final class BatchFloor implements Contender {

    static final int BATCH = 500;

    private static final int DRAIN_SIZE = 20_000;

    private final String name;
    private final Connection connection;

    /**
     * Connects.
     *
     * @throws SQLException if the database is not there
     */
    BatchFloor(String name, ServerAddresses servers) throws SQLException {
        this.name = name;
        connection = LedgerConnections.open(servers);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int drainSize() {
        return DRAIN_SIZE;
    }

    @Override
    public DrainResult drain(List<Order> orders) throws SQLException {
        long begun = System.nanoTime();
        try {
            for (int from = 0; from < orders.size(); from += BATCH) {
                decide(orders.subList(from, Math.min(from + BATCH, orders.size())));
                connection.commit();
            }
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
        return new DrainResult(orders.size(), 0, 0, System.nanoTime() - begun);
    }

    private void decide(List<Order> batch) throws SQLException {
        SortedSet<Long> productIds = new TreeSet<>();
        batch.forEach(order -> productIds.addAll(order.productIds()));
        StockAllocator till = new StockAllocator(StockQuantities.lock(connection, productIds));
        Instant now = Instant.now();
        List<OrderRow> rows = new ArrayList<>(batch.size());
        for (Order order : batch) {
            rows.add(OrderRow.unfenced(order, till.serve(order), null, now));
        }
        OrderRow.insertAll(connection, rows, "");
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE stock SET quantity = quantity - ?, version = version + 1 WHERE product_id = ?")) {
            for (long productId : productIds) {
                int taken = till.taken(productId);
                if (taken > 0) {
                    update.setInt(1, taken);
                    update.setLong(2, productId);
                    update.addBatch();
                }
            }
            update.executeBatch();
        }
    }

    @Override
    public void close() {
        LedgerConnections.close(List.of(connection));
    }
}

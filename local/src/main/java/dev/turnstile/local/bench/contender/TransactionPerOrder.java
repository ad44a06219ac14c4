package dev.turnstile.local.bench.contender;

import dev.turnstile.local.bench.Contender;
import dev.turnstile.local.bench.DrainResult;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.Order;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Every order is a transaction of its own on one of N connections. Without a gate this is the hot row: the database's
 * row locks are the line. With one, a lock is won first and held until the commit.
 */
final class TransactionPerOrder implements Contender {

    /** A drain that is not done by then is broken off: that something does not complete is a result, too. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private final String name;
    private final int drainSize;
    private final Gate gate;
    private final List<Connection> connections = new ArrayList<>();
    private final WorkerPool crew;

    /**
     * Connects.
     *
     * @param threads each with a connection of its own
     * @param gate closed with this, also when connecting fails
     * @throws SQLException if the database is not there or gives fewer connections
     */
    TransactionPerOrder(String name, int drainSize, ServerAddresses servers, int threads, Gate gate)
            throws SQLException {
        this.name = name;
        this.drainSize = drainSize;
        this.gate = gate;
        LongAdder retries = new LongAdder();
        List<WorkerPool.Hand> hands = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                Connection connection = LedgerConnections.open(servers);
                connections.add(connection);
                OrderTransaction transaction = new OrderTransaction(connection, retries);
                hands.add((order, left) -> gate.pass(order.productIds(), left, () -> transaction.decide(order)));
            }
        } catch (SQLException e) {
            closeAll();
            throw e;
        }
        this.crew = new WorkerPool(name, hands, retries);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int drainSize() {
        return drainSize;
    }

    @Override
    public DrainResult drain(List<Order> orders) throws Exception {
        return crew.drain(orders, LIMIT);
    }

    @Override
    public void close() {
        crew.close();
        closeAll();
    }

    private void closeAll() {
        LedgerConnections.close(connections);
        gate.close();
    }
}

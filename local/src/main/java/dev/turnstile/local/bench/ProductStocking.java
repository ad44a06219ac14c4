package dev.turnstile.local.bench;

import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Stocks many products at once, without orders meanwhile, and returns how far the ledger is. Its books balance. */
final class ProductStocking {

    /** More than any load takes. */
    static final int PLENTY = 1_000_000_000;

    private final DataSource ledger;
    private final StockCache cache;

    ProductStocking(DataSource ledger, StockCache cache) {
        this.ledger = ledger;
        this.cache = cache;
    }

    /** Sets the stored and the cached stock of products. */
    void stock(Collection<Long> productIds, int quantity) throws SQLException {
        try (Connection connection = ledger.getConnection()) {
            connection.setAutoCommit(false);
            String products = String.join(",", Collections.nCopies(productIds.size(), "?"));
            execute(
                    connection,
                    "INSERT IGNORE INTO stock (product_id, quantity, version) VALUES "
                            + String.join(",", Collections.nCopies(productIds.size(), "(?, 0, 0)")),
                    productIds);
            try (PreparedStatement book = connection.prepareStatement("INSERT INTO stock_changes"
                    + " (product_id, difference, changed_at, version, line_ticket)"
                    + " SELECT product_id, ? - quantity, ?, version + 1, line_ticket FROM stock"
                    + " WHERE product_id IN (" + products + ")")) {
                book.setInt(1, quantity);
                book.setTimestamp(2, Timestamp.from(Instant.now()));
                bind(book, 3, productIds);
                book.executeUpdate();
            }
            execute(
                    connection,
                    "UPDATE stock SET quantity = " + quantity + ", version = version + 1 WHERE product_id IN ("
                            + products + ")",
                    productIds);
            List<Stock> stocks = new ArrayList<>();
            try (Statement query = connection.createStatement();
                    ResultSet rows = query.executeQuery("SELECT product_id, quantity, version FROM stock"
                            + " WHERE product_id IN ("
                            + productIds.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")")) {
                while (rows.next()) {
                    stocks.add(new Stock(rows.getLong(1), rows.getInt(2), rows.getLong(3)));
                }
            }
            connection.commit();
            cache.write(stocks).toCompletableFuture().join();
        }
    }

    private static void execute(Connection connection, String sql, Collection<Long> productIds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, 1, productIds);
            statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, int first, Collection<Long> productIds) throws SQLException {
        int index = first;
        for (long productId : productIds) {
            statement.setLong(index++, productId);
        }
    }

    /** The greatest commit sequence, 0 if there is none. Cheap: the end of an index. */
    long lastCommit() throws SQLException {
        return number("SELECT COALESCE(MAX(commit_seq), 0) FROM orders");
    }

    /** How many orders were decided after that. */
    long decidedSince(long commit) throws SQLException {
        return number("SELECT COUNT(*) FROM orders WHERE commit_seq > " + commit);
    }

    /** In how many runs the orders that came after that were decided. */
    long runsSince(long commit) throws SQLException {
        return number("SELECT COUNT(DISTINCT fence) FROM orders WHERE commit_seq > " + commit);
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = ledger.getConnection();
                Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}

package dev.turnstile.local.chaos;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.OrderLine;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;

/** Reads the ledger's tables. */
final class LedgerRows {

    private static final JsonMapper JSON = JsonMapper.shared();

    private LedgerRows() {}

    /**
     * All products.
     *
     * @throws SQLException if they can't be read
     */
    static List<ProductStock> shelves(ServerAddresses servers) throws SQLException {
        try (Connection connection = connect(servers);
                Statement query = connection.createStatement();
                ResultSet row = query.executeQuery(
                        "SELECT product_id, quantity, (SELECT SUM(difference) FROM stock_changes WHERE product_id ="
                                + " stock.product_id), (SELECT COUNT(*) FROM stock_changes WHERE product_id ="
                                + " stock.product_id) FROM stock")) {
            List<ProductStock> shelves = new ArrayList<>();
            while (row.next()) {
                shelves.add(new ProductStock(row.getLong(1), row.getLong(2), row.getLong(3), row.getInt(4)));
            }
            return shelves;
        }
    }

    private static Connection connect(ServerAddresses servers) throws SQLException {
        return DriverManager.getConnection(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
    }

    /**
     * All orders, in the order of their commits.
     *
     * @throws SQLException if they can't be read
     */
    static List<LedgerRow> rows(ServerAddresses servers) throws SQLException {
        try (Connection connection = connect(servers);
                Statement query = connection.createStatement();
                ResultSet row =
                        query.executeQuery("SELECT commit_seq, order_id, mode, status, order_lines, ticket, overtaken"
                                + " FROM orders ORDER BY commit_seq")) {
            List<LedgerRow> rows = new ArrayList<>();
            while (row.next()) {
                ByteBuffer id = ByteBuffer.wrap(row.getBytes(2));
                rows.add(new LedgerRow(
                        row.getLong(1),
                        new UUID(id.getLong(), id.getLong()),
                        row.getString(3),
                        row.getString(4),
                        Arrays.stream(JSON.readValue(row.getString(5), long[][].class))
                                .map(line -> new OrderLine(line[0], (int) line[1]))
                                .toList(),
                        row.getObject(6, Long.class),
                        row.getBoolean(7)));
            }
            return rows;
        }
    }
}

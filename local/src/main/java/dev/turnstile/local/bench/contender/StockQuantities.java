package dev.turnstile.local.bench.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** Reads the stored stock. Products without a row are left out. */
public final class StockQuantities {

    private StockQuantities() {}

    /** What is committed, by product. */
    public static Map<Long, Integer> read(Connection connection, Collection<Long> productIds) throws SQLException {
        return read(connection, productIds, "");
    }

    /** What is committed, by product, with the rows locked in ascending order. */
    static Map<Long, Integer> lock(Connection connection, Collection<Long> productIds) throws SQLException {
        return read(connection, productIds, " ORDER BY product_id FOR UPDATE");
    }

    private static Map<Long, Integer> read(Connection connection, Collection<Long> productIds, String rest)
            throws SQLException {
        String places = String.join(",", Collections.nCopies(productIds.size(), "?"));
        Map<Long, Integer> quantities = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT product_id, quantity FROM stock WHERE product_id IN (" + places + ")" + rest)) {
            int index = 1;
            for (long productId : productIds) {
                select.setLong(index++, productId);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    quantities.put(row.getLong(1), row.getInt(2));
                }
            }
        }
        return quantities;
    }
}

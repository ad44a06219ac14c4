package dev.turnstile.local.demo;

import dev.turnstile.order.Mode;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import tools.jackson.databind.json.JsonMapper;

/** Reads what was committed, from the tables themselves and not through the code that is judged. */
public final class LedgerReader {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final DataSource ledger;

    /** Reads this ledger. */
    public LedgerReader(DataSource ledger) {
        this.ledger = ledger;
    }

    /**
     * Name and version of the database.
     *
     * @throws SQLException if it can't be asked
     */
    public String database() throws SQLException {
        try (Connection connection = ledger.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT VERSION()");
                ResultSet rows = query.executeQuery()) {
            rows.next();
            String version = rows.getString(1);
            String name = version.contains("MariaDB") ? "MariaDB " : "MySQL ";
            return name + version.split("-", 2)[0];
        }
    }

    /** The commit sequence of the latest order, 0 if there is none. */
    long lastCommitSeq() throws SQLException {
        try (Connection connection = ledger.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT COALESCE(MAX(commit_seq), 0) FROM orders");
                ResultSet rows = query.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /**
     * The orders of a mode that were committed after another one, in commit order.
     *
     * @param productIds only orders for one of these
     */
    List<DecidedRow> ordersAfter(long commitSeq, Mode mode, Collection<Long> productIds) throws SQLException {
        try (Connection connection = ledger.getConnection();
                PreparedStatement query = connection.prepareStatement("SELECT commit_seq, order_id, status, ticket,"
                        + " overtaken, accepted_at, decided_at, order_lines FROM orders"
                        + " WHERE commit_seq > ? AND mode = ? ORDER BY commit_seq")) {
            query.setLong(1, commitSeq);
            query.setString(2, mode.name());
            try (ResultSet rows = query.executeQuery()) {
                List<DecidedRow> orders = new ArrayList<>();
                while (rows.next()) {
                    if (wantsAny(productIds, rows.getString("order_lines"))) {
                        orders.add(order(rows));
                    }
                }
                return orders;
            }
        }
    }

    /** Stored quantities by product id, in the order asked for; products without a row are left out. */
    Map<Long, Integer> quantities(Collection<Long> productIds) throws SQLException {
        Map<Long, Integer> quantities = new LinkedHashMap<>();
        try (Connection connection = ledger.getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT quantity FROM stock WHERE product_id = ?")) {
            for (long productId : productIds) {
                query.setLong(1, productId);
                try (ResultSet rows = query.executeQuery()) {
                    if (rows.next()) {
                        quantities.put(productId, rows.getInt(1));
                    }
                }
            }
        }
        return quantities;
    }

    /** Lines are {@code [[productId, quantity], ...]} in the ledger. */
    private static boolean wantsAny(Collection<Long> productIds, String orderLines) {
        return Arrays.stream(JSON.readValue(orderLines, long[][].class)).anyMatch(line -> productIds.contains(line[0]));
    }

    private static DecidedRow order(ResultSet row) throws SQLException {
        long ticket = row.getLong("ticket");
        boolean hasTicket = !row.wasNull();
        ByteBuffer id = ByteBuffer.wrap(row.getBytes("order_id"));
        return new DecidedRow(
                row.getLong("commit_seq"),
                new UUID(id.getLong(), id.getLong()),
                row.getString("status"),
                hasTicket ? ticket : null,
                row.getBoolean("overtaken"),
                instant(row, "accepted_at"),
                instant(row, "decided_at"));
    }

    /** The ledger's times are UTC, whatever the zone of this machine or of the session. */
    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.Outcome;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the ledger's tables themselves. Its session can't write. All methods throw a {@link UserError} when the
 * database fails.
 */
final class LedgerTables implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LOOKED_UP_AT_ONCE = 1000;
    private static final String NO_SUCH_TABLE = "42S02";

    private final String url;
    private final LongPredicate products;
    private final Connection connection;

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Takes rows one by one. */
    interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    /**
     * Connects.
     *
     * @param products only these are looked at
     */
    LedgerTables(ServerAddresses servers, LongPredicate products) {
        this.url = servers.ledgerShown();
        this.products = products;
        Connection opened = null;
        try {
            opened = DriverManager.getConnection(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
            opened.setReadOnly(true);
            // not by its variable, which has one name in MySQL and another in MariaDB before 11.1
            opened.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            this.connection = opened;
        } catch (SQLException e) {
            closeQuietly(opened);
            throw failed(e);
        }
    }

    /** Runs work in which every read sees the tables as they are at its start. */
    void inSnapshot(Runnable work) {
        execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        try {
            work.run();
        } finally {
            execute("COMMIT");
        }
    }

    /** Stock rows and booked changes. */
    LedgerStock stock() {
        Map<Long, List<LedgerStock.Change>> changes = new HashMap<>();
        Map<Long, LedgerStock.Retired> retired = new HashMap<>();
        stream(
                "SELECT product_id, difference, changed_at, version, line_ticket, retired FROM stock_changes ORDER BY id",
                row -> {
                    long productId = row.getLong(1);
                    if (!products.test(productId)) {
                        return;
                    }
                    if (row.getObject(6) != null) {
                        retired.put(productId, new LedgerStock.Retired(-row.getLong(2), row.getLong(5)));
                    } else {
                        changes.computeIfAbsent(productId, id -> new ArrayList<>())
                                .add(new LedgerStock.Change(
                                        row.getInt(2),
                                        utc(row, 3).toInstant(ZoneOffset.UTC).toEpochMilli(),
                                        row.getLong(4),
                                        row.getLong(5)));
                    }
                });
        return new LedgerStock(stockRows(), changes, retired);
    }

    /** Stock rows by product. */
    Map<Long, LedgerStock.Row> stockRows() {
        Map<Long, LedgerStock.Row> rows = new TreeMap<>();
        stream("SELECT product_id, quantity, version, line_fence, line_ticket, lock_fence FROM stock", row -> {
            long productId = row.getLong(1);
            if (products.test(productId)) {
                rows.put(
                        productId,
                        new LedgerStock.Row(
                                productId,
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6)));
            }
        });
        return rows;
    }

    /** The last epoch of the line that was handed out, 0 if none was. */
    long lineEpoch() {
        List<Long> epochs = new ArrayList<>();
        stream("SELECT epoch FROM epochs WHERE scope = 'line'", row -> epochs.add(row.getLong(1)));
        return epochs.isEmpty() ? 0 : epochs.get(0);
    }

    /** The id of the installation, or null if no process has started on this ledger yet. */
    @Nullable String installation() {
        List<String> ids = new ArrayList<>();
        stream("SELECT id FROM installation", row -> ids.add(row.getString(1)));
        return ids.isEmpty() ? null : ids.get(0);
    }

    /** Until when orders were decided of which rows may be gone; long ago if none was ever deleted. */
    Instant retiredTo() {
        List<Instant> times = new ArrayList<>();
        stream("SELECT decided_to FROM retention", row -> times.add(utc(row, 1).toInstant(ZoneOffset.UTC)));
        return times.isEmpty() ? Instant.EPOCH : times.get(0);
    }

    /** Hands all orders to a check, in the order of their commits. */
    void orders(LedgerCheck check) {
        stream(
                "SELECT commit_seq, order_id, mode, status, order_lines, outcome, ticket, fence, overtaken, decided_at"
                        + " FROM orders ORDER BY commit_seq",
                row -> {
                    LedgerOrder order = order(row);
                    if (order.lines().isEmpty()
                            || order.lines().stream().anyMatch(line -> products.test(line.productId()))) {
                        check.look(order);
                    }
                });
        check.end();
    }

    /** How many orders there are. */
    long countOrders() {
        List<Long> counts = new ArrayList<>();
        stream("SELECT COUNT(*) FROM orders", row -> counts.add(row.getLong(1)));
        return counts.get(0);
    }

    /** Hands on the order ids that are in more than one row, and in how many. */
    void repeatedOrderIds(BiConsumer<UUID, Long> repeated) {
        stream(
                "SELECT order_id, COUNT(*) FROM orders GROUP BY order_id HAVING COUNT(*) > 1",
                row -> repeated.accept(uuid(row.getBytes(1)), row.getLong(2)));
    }

    /** Those of the orders that are decided by now. */
    Set<UUID> decided(Collection<UUID> orderIds) {
        Set<UUID> decided = new HashSet<>();
        Iterator<UUID> ids = orderIds.iterator();
        while (ids.hasNext()) {
            List<UUID> batch = new ArrayList<>(LOOKED_UP_AT_ONCE);
            while (ids.hasNext() && batch.size() < LOOKED_UP_AT_ONCE) {
                batch.add(ids.next());
            }
            run(connection -> {
                String places = String.join(",", Collections.nCopies(batch.size(), "?"));
                try (PreparedStatement query =
                        connection.prepareStatement("SELECT order_id FROM orders WHERE order_id IN (" + places + ")")) {
                    for (int i = 0; i < batch.size(); i++) {
                        query.setBytes(i + 1, bytes(batch.get(i)));
                    }
                    try (ResultSet rows = query.executeQuery()) {
                        while (rows.next()) {
                            decided.add(uuid(rows.getBytes(1)));
                        }
                    }
                }
                return decided;
            });
        }
        return decided;
    }

    private void stream(String sql, RowTaker taker) {
        run(connection -> {
            try (Statement query =
                    connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
                query.setFetchSize(Integer.MIN_VALUE); // the driver's word for: row by row, do not gather them
                try (ResultSet rows = query.executeQuery(sql)) {
                    while (rows.next()) {
                        taker.take(rows);
                    }
                }
            }
            return sql;
        });
    }

    private void execute(String sql) {
        run(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    private <T> T run(Work<T> work) {
        try {
            return work.on(connection);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private UserError failed(SQLException e) {
        return NO_SUCH_TABLE.equals(e.getSQLState())
                ? new UserError(
                        "the database " + url + " holds no ledger (" + e.getMessage()
                                + "): start an API or a worker on it, which creates its tables",
                        e)
                : new UserError("the ledger can't be read from " + url + ": " + e.getMessage(), e);
    }

    private static LedgerOrder order(ResultSet row) throws SQLException {
        String linesJson = row.getString(5);
        String outcomeJson = row.getString(6);
        long number = row.getLong(7);
        Long ticket = row.wasNull() ? null : number;
        List<LedgerOrder.Line> lines = lines(linesJson);
        Outcome outcome = outcome(outcomeJson);
        String unreadable = lines == null
                ? "its lines can't be read: " + linesJson
                : outcome == null ? "its outcome can't be read: " + outcomeJson : null;
        return new LedgerOrder(
                row.getLong(1),
                uuid(row.getBytes(2)),
                row.getString(3),
                row.getString(4),
                lines == null ? List.of() : lines,
                outcome,
                ticket,
                row.getLong(8),
                row.getBoolean(9),
                utc(row, 10).toInstant(ZoneOffset.UTC),
                unreadable);
    }

    private static @Nullable List<LedgerOrder.Line> lines(String json) {
        try {
            long[][] lines = JSON.readValue(json, long[][].class);
            if (Arrays.stream(lines).anyMatch(line -> line == null || line.length != 2)) {
                return null;
            }
            return Arrays.stream(lines)
                    .map(line -> new LedgerOrder.Line(line[0], Math.toIntExact(line[1])))
                    .toList();
        } catch (JacksonException | ArithmeticException e) {
            return null;
        }
    }

    private static @Nullable Outcome outcome(String json) {
        try {
            Outcome outcome = OrderJson.readOutcome(json);
            return isWhole(outcome) ? outcome : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /** What comes from a table may lack anything. */
    private static boolean isWhole(Outcome outcome) {
        if (outcome instanceof Outcome.Fulfilled fulfilled) {
            return fulfilled.stocks() != null;
        } else if (outcome instanceof Outcome.OutOfStock refused) {
            return refused.shortages() != null;
        } else {
            return !(outcome instanceof Outcome.UnknownProduct refused) || refused.productIds() != null;
        }
    }

    private static UUID uuid(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    /** The ledger's times are UTC, whatever the zone of this machine or of the session. */
    private static LocalDateTime utc(ResultSet row, int column) throws SQLException {
        return row.getObject(column, LocalDateTime.class);
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // nothing was written
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(connection);
    }
}

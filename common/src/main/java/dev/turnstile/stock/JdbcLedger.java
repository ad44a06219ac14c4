package dev.turnstile.stock;

import com.github.f4b6a3.uuid.codec.StandardBinaryCodec;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.Run.Guard;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.support.DataAccessUtils;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The ledger in MySQL or MariaDB.
 *
 * <p>A run is decided under {@code SELECT … FOR UPDATE} of its stock rows at READ COMMITTED, never by a plain read and
 * a later write: at REPEATABLE READ that loses updates. The update of each row is conditional on the fence once more,
 * and on the stock by its CHECK, so that even a mistake above it can't sell what is not there.
 */
public final class JdbcLedger implements Ledger {

    /** The shortest lease that leaves the database, which counts in seconds, time to end a stalled holder. */
    public static final Duration SHORTEST_LEASE = Duration.ofSeconds(3);

    private static final String DECISION_COLUMNS = "order_id, mode, ticket, outcome, decided_at";

    /** An upper bound of the characters that one product takes in the statements that lock and update its row. */
    private static final int LONGEST_UPDATE = 100;

    /** What INSERT … ON DUPLICATE KEY UPDATE counts for a row that existed and was changed. */
    private static final int CHANGED_ROW = 2;

    private static final RowMapper<Stock> STOCK =
            (row, number) -> new Stock(row.getLong("product_id"), row.getInt("quantity"), row.getLong("version"));
    private static final RowMapper<Decision> DECISION = (row, number) -> decision(row);

    private final DataSource dataSource;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;

    /**
     * Where a run is rolled back that others wait for, to insert orders of it, InnoDB leaves each of them the gaps
     * around the rows that went, and ends those that then block each other. At least one of them succeeds per round.
     */
    private final RetryTemplate againAfterDeadlock = new RetryTemplate(RetryPolicy.builder()
            .includes(PessimisticLockingFailureException.class)
            .maxRetries(10)
            .timeout(Duration.ofSeconds(5))
            .delay(Duration.ofMillis(5))
            .jitter(Duration.ofMillis(5))
            .build());

    private final SQLExceptionTranslator translator = new SQLExceptionSubclassTranslator();

    /** Characters that a statement may have; 0 while the server is still to be asked, as after each failure. */
    private volatile int longestStatement;

    /**
     * Makes a ledger over a data source whose schema is in place.
     *
     * @param transactions of the same data source
     * @param clock for {@code decided_at}
     */
    public JdbcLedger(DataSource dataSource, PlatformTransactionManager transactions, Clock clock) {
        this.dataSource = dataSource;
        this.jdbc = new JdbcTemplate(dataSource);
        this.transactions = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    @Override
    public Optional<Decision> find(UUID orderId) {
        return Optional.ofNullable(find(List.of(orderId)).get(orderId));
    }

    @Override
    public Map<UUID, Decision> find(Collection<UUID> orderIds) {
        if (orderIds.isEmpty()) {
            return Map.of();
        }
        return byOrder(jdbc.query(selectOrders(DECISION_COLUMNS, orderIds.size()), DECISION, encoded(orderIds)));
    }

    @Override
    public Map<UUID, RecordedOrder> recorded(Collection<UUID> orderIds) {
        if (orderIds.isEmpty()) {
            return Map.of();
        }
        Map<UUID, RecordedOrder> recorded = new HashMap<>();
        jdbc.query(
                selectOrders(DECISION_COLUMNS + ", order_lines", orderIds.size()),
                row -> {
                    Decision decision = decision(row);
                    List<OrderLine> lines = OrderRow.lines(row.getString("order_lines"));
                    recorded.put(decision.orderId(), new RecordedOrder(decision, lines));
                },
                encoded(orderIds));
        return recorded;
    }

    @Override
    public List<Stock> stocks(long after, int most) {
        return jdbc.query(
                "SELECT product_id, quantity, version FROM stock WHERE product_id > ? ORDER BY product_id LIMIT ?",
                STOCK,
                after,
                most);
    }

    @Override
    public List<Stock> stocks(Collection<Long> productIds) {
        if (productIds.isEmpty()) {
            return List.of();
        }
        return jdbc.query(
                "SELECT product_id, quantity, version FROM stock WHERE product_id IN ("
                        + placeholders(productIds.size()) + ")",
                STOCK,
                productIds.toArray());
    }

    @Override
    public Optional<Stock> stock(long productId) {
        return Optional.ofNullable(DataAccessUtils.singleResult(
                jdbc.query("SELECT product_id, quantity, version FROM stock WHERE product_id = ?", STOCK, productId)));
    }

    @Override
    public Stock setStock(long productId, int quantity) {
        if (quantity < 0) {
            throw new IllegalArgumentException("quantity must be 0 or more, was " + quantity);
        }
        return transactions.execute(status -> {
            jdbc.update(
                    "INSERT INTO stock (product_id, quantity, version) VALUES (?, 0, 0)"
                            + " ON DUPLICATE KEY UPDATE product_id = product_id",
                    productId);
            Stock before = Objects.requireNonNull(jdbc.queryForObject(
                    "SELECT product_id, quantity, version FROM stock WHERE product_id = ? FOR UPDATE",
                    STOCK,
                    productId));
            jdbc.update(
                    "UPDATE stock SET quantity = ?, version = version + 1 WHERE product_id = ?", quantity, productId);
            jdbc.update(
                    "INSERT INTO stock_changes (product_id, difference, changed_at, version, line_ticket)"
                            + " SELECT product_id, quantity - ?, ?, version, line_ticket FROM stock WHERE product_id = ?",
                    before.quantity(),
                    OrderRow.utc(clock.instant()),
                    productId);
            return new Stock(productId, quantity, before.version() + 1);
        });
    }

    @Override
    public List<Decision> refuse(List<Run.Entry> entries, Outcome outcome) {
        Instant now = clock.instant();
        List<OrderRow> rows = entries.stream()
                .map(entry -> OrderRow.unfenced(entry.order(), outcome, entry.ticket(), now))
                .toList();
        try {
            return insertUndecided(rows);
        } catch (DataAccessException e) {
            if (LedgerFailure.of(e) != LedgerFailure.ORDER) {
                throw e;
            }
            return rows.stream().map(this::insertAlone).toList();
        }
    }

    /** What such an order wanted decides nothing, so it is left out where it can't be stored. */
    private Decision insertAlone(OrderRow row) {
        try {
            return insertUndecided(List.of(row)).get(0);
        } catch (DataAccessException e) {
            if (LedgerFailure.of(e) != LedgerFailure.ORDER) {
                throw e;
            }
            OrderRow bare = OrderRow.bare(row.orderId(), row.mode(), row.ticket(), row.outcome(), row.decidedAt());
            return insertUndecided(List.of(bare)).get(0);
        }
    }

    @Override
    public Decision setAside(UUID orderId, Mode mode, @Nullable Long ticket, Outcome.Invalid outcome) {
        return insertUndecided(List.of(OrderRow.bare(orderId, mode, ticket, outcome, clock.instant())))
                .get(0);
    }

    private List<Decision> insertUndecided(List<OrderRow> rows) {
        List<UUID> orderIds = rows.stream().map(OrderRow::orderId).toList();
        try {
            return againAfterDeadlock.invoke(() -> transactions.execute(status -> {
                jdbc.execute((Connection connection) -> OrderRow.insertAll(
                        connection,
                        rows,
                        " ON DUPLICATE KEY UPDATE order_id = VALUES(order_id)",
                        longestStatement(connection)));
                Map<UUID, Decision> standing = find(orderIds);
                return orderIds.stream()
                        .map(orderId -> Objects.requireNonNull(standing.get(orderId)))
                        .toList();
            }));
        } catch (DataAccessException e) {
            longestStatement = 0;
            throw e;
        }
    }

    /**
     * Half of what the server takes, as a row may follow and a character may be several bytes. The driver is not asked:
     * it may remember what an earlier connection returned.
     */
    private int longestStatement(Connection connection) throws SQLException {
        int longest = longestStatement;
        if (longest == 0) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT LEAST(@@SESSION.max_allowed_packet, @@GLOBAL.max_allowed_packet)")) {
                longest = row.next()
                        ? Math.toIntExact(Math.min(OrderRow.LONGEST_STATEMENT, row.getLong(1) / 2))
                        : OrderRow.LONGEST_STATEMENT;
            }
            longestStatement = longest;
        }
        return longest;
    }

    @Override
    public void beat() {
        jdbc.update("UPDATE pulse SET beats = beats + 1 WHERE only_one = 1");
    }

    @Override
    public Session open(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("a lease of " + lease + " is shorter than " + SHORTEST_LEASE);
        }
        // Measured: with wait_timeout at its default a holder stopped between UPDATE and COMMIT kept the next one
        // waiting for as long as it was stopped. And the next one must wait longer for a row than a session may
        // stall, or both give up at once.
        long patienceSeconds = lease.minusMillis(1).toSeconds();
        long stillnessSeconds = patienceSeconds - 1;
        Connection connection = null;
        try {
            connection = dataSource.getConnection();
            // not by its variable, which has one name in MySQL and another in MariaDB before 11.1
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION wait_timeout = " + stillnessSeconds + ", innodb_lock_wait_timeout = "
                        + patienceSeconds);
            }
            return new JdbcSession(connection, longestStatement(connection));
        } catch (SQLException e) {
            longestStatement = 0;
            closeQuietly(connection);
            throw translated("open a session", e);
        }
    }

    private DataAccessException translated(String task, SQLException e) {
        DataAccessException translated = translator.translate(task, null, e);
        return translated != null ? translated : new DataAccessResourceFailureException(task + " failed", e);
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // the pool replaces a broken connection by itself
            }
        }
    }

    private static String selectOrders(String columns, int count) {
        return "SELECT " + columns + " FROM orders WHERE order_id IN (" + placeholders(count) + ")";
    }

    private static Object[] encoded(Collection<UUID> orderIds) {
        return orderIds.stream().map(StandardBinaryCodec.INSTANCE::encode).toArray();
    }

    private static String placeholders(int count) {
        return String.join(",", Collections.nCopies(count, "?"));
    }

    private static Map<UUID, Decision> byOrder(List<Decision> decisions) {
        Map<UUID, Decision> byOrder = new HashMap<>();
        decisions.forEach(decision -> byOrder.put(decision.orderId(), decision));
        return byOrder;
    }

    private static Decision decision(ResultSet row) throws SQLException {
        long number = row.getLong("ticket");
        Long ticket = row.wasNull() ? null : number;
        return new Decision(
                StandardBinaryCodec.INSTANCE.decode(row.getBytes("order_id")),
                Mode.valueOf(row.getString("mode")),
                ticket,
                OrderJson.readOutcome(row.getString("outcome")),
                row.getObject("decided_at", LocalDateTime.class).toInstant(ZoneOffset.UTC));
    }

    private final class JdbcSession implements Session {

        private final Connection connection;
        private final int longest;
        private final int productsAtOnce;

        JdbcSession(Connection connection, int longest) {
            this.connection = connection;
            this.longest = longest;
            this.productsAtOnce = Math.max(1, longest / LONGEST_UPDATE);
        }

        @Override
        public DecidedRun decide(Run run, BooleanSupplier held) {
            try {
                return commitUnlessDecided(run, held);
            } catch (SQLException e) {
                longestStatement = 0;
                rollback(e);
                throw translated("decide a run", e);
            } catch (RuntimeException e) {
                rollback(e);
                throw e;
            }
        }

        /** Runs rarely contain a decided order; searching for one first costs a seventh of the time. */
        private DecidedRun commitUnlessDecided(Run run, BooleanSupplier held) throws SQLException {
            try {
                return commit(run, held, false);
            } catch (SQLIntegrityConstraintViolationException e) {
                connection.rollback();
                return commit(run, held, true);
            }
        }

        private DecidedRun commit(Run run, BooleanSupplier held, boolean look) throws SQLException {
            DecidedRun decided = decideInTransaction(run, look);
            if (!held.getAsBoolean()) {
                throw new LeaseLostException();
            }
            connection.commit();
            return decided;
        }

        private DecidedRun decideInTransaction(Run run, boolean look) throws SQLException {
            Map<Long, StockRow> rows = lockStock(run);
            for (StockRow row : rows.values()) {
                if (run.fence(row.productId()) <= row.fence(run.guard())) {
                    throw stale(run, row);
                }
            }
            Map<UUID, Decision> decisions = look ? findDecided(run) : new HashMap<>();
            Set<UUID> before = Set.copyOf(decisions.keySet());
            StockAllocator till = new StockAllocator(rows.values());
            Instant now = clock.instant();
            List<Run.Entry> undecided = new ArrayList<>();
            for (Run.Entry entry : run.entries()) {
                UUID id = entry.order().id();
                if (!decisions.containsKey(id)) {
                    undecided.add(entry);
                    decisions.put(
                            id, new Decision(id, entry.order().mode(), entry.ticket(), till.serve(entry.order()), now));
                }
            }
            List<Stock> stocks = new ArrayList<>(rows.size());
            if (undecided.isEmpty()) {
                rows.values().forEach(row -> stocks.add(new Stock(row.productId(), row.quantity(), row.version())));
            } else {
                updateStock(run, undecided, rows, till, stocks);
                insertOrders(run, undecided, decisions, rows);
            }
            List<Decision> inRunOrder = new ArrayList<>(run.entries().size());
            for (Run.Entry entry : run.entries()) {
                Decision decision = decisions.get(entry.order().id());
                if (decision == null) {
                    throw new IllegalStateException(
                            "order " + entry.order().id() + " of a run is neither stored nor decided");
                }
                inRunOrder.add(decision);
            }
            return new DecidedRun(inRunOrder, stocks, before);
        }

        private static StaleFenceException stale(Run run, StockRow row) {
            return new StaleFenceException(row.productId(), run.fence(row.productId()), row.fence(run.guard()));
        }

        /** Ascending over all statements, so that two runs never wait for each other. */
        private Map<Long, StockRow> lockStock(Run run) throws SQLException {
            Set<Long> wanted = new TreeSet<>();
            run.entries().forEach(entry -> wanted.addAll(entry.order().productIds()));
            List<Long> productIds = List.copyOf(wanted);
            Map<Long, StockRow> rows = new HashMap<>();
            for (int from = 0; from < productIds.size(); from += productsAtOnce) {
                lockStock(productIds.subList(from, Math.min(productIds.size(), from + productsAtOnce)), rows);
            }
            return rows;
        }

        /**
         * The ids are part of the text: for some hundred parameters the driver needs more time than the server needs
         * for the rows.
         */
        private void lockStock(List<Long> productIds, Map<Long, StockRow> rows) throws SQLException {
            String ids = productIds.stream().map(String::valueOf).collect(Collectors.joining(","));
            String sql = "SELECT product_id, quantity, version, line_fence, line_ticket, lock_fence FROM stock"
                    + " WHERE product_id IN (" + ids + ") ORDER BY product_id FOR UPDATE";
            try (Statement select = connection.createStatement()) {
                select.setEscapeProcessing(false);
                try (ResultSet row = select.executeQuery(sql)) {
                    while (row.next()) {
                        StockRow stockRow = new StockRow(
                                row.getLong(1),
                                row.getInt(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6));
                        rows.put(stockRow.productId(), stockRow);
                    }
                }
            }
        }

        private Map<UUID, Decision> findDecided(Run run) throws SQLException {
            List<Decision> decisions = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                    selectOrders(DECISION_COLUMNS, run.entries().size()))) {
                int index = 1;
                for (Run.Entry entry : run.entries()) {
                    select.setBytes(
                            index++,
                            StandardBinaryCodec.INSTANCE.encode(entry.order().id()));
                }
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        decisions.add(decision(row));
                    }
                }
            }
            return byOrder(decisions);
        }

        /**
         * Updates all rows of the run by as few statements as the server takes. They are INSERTs of rows that exist,
         * for a list of values is what the server reads fastest: one UPDATE for each of 500 products took the two sides
         * four times as long.
         */
        private void updateStock(
                Run run, List<Run.Entry> undecided, Map<Long, StockRow> rows, StockAllocator till, List<Stock> stocks)
                throws SQLException {
            Map<Long, Long> highestTickets = highestTickets(undecided);
            List<StockRow> ascending = rows.values().stream()
                    .sorted(Comparator.comparingLong(StockRow::productId))
                    .toList();
            for (int from = 0; from < ascending.size(); from += productsAtOnce) {
                List<StockRow> part = ascending.subList(from, Math.min(ascending.size(), from + productsAtOnce));
                List<String> values = new ArrayList<>(part.size());
                for (StockRow row : part) {
                    int taken = till.taken(row.productId());
                    int step = taken > 0 ? 1 : 0;
                    values.add("(" + row.productId() + "," + taken + "," + step + "," + run.fence(row.productId()) + ","
                            + highestTickets.getOrDefault(row.productId(), 0L) + ")");
                    stocks.add(new Stock(row.productId(), row.quantity() - taken, row.version() + step));
                }
                updateStock(run.guard(), values);
            }
        }

        /** Fails unless the server says of each row that it existed and was changed, as it was under a lower fence. */
        private void updateStock(Guard guard, List<String> values) throws SQLException {
            String fence = guard == Guard.LINE ? "line_fence" : "lock_fence";
            String lower = fence + " < VALUES(" + fence + ")";
            // the server assigns from left to right, so the fence comes last
            String sql = "INSERT INTO stock (product_id, quantity, version, " + fence + ", line_ticket) VALUES "
                    + String.join(",", values) + " ON DUPLICATE KEY UPDATE"
                    + " quantity = quantity - IF(" + lower + ", VALUES(quantity), 0),"
                    + " version = version + IF(" + lower + ", VALUES(version), 0),"
                    + " line_ticket = IF(" + lower + ", GREATEST(line_ticket, VALUES(line_ticket)), line_ticket),"
                    + " " + fence + " = GREATEST(" + fence + ", VALUES(" + fence + "))";
            try (Statement update = connection.createStatement()) {
                update.setEscapeProcessing(false);
                int changed = update.executeUpdate(sql);
                if (changed != CHANGED_ROW * values.size()) {
                    throw new IllegalStateException(
                            "stock rows of a run changed while it held their locks: the server reports " + changed
                                    + " for " + values.size());
                }
            }
        }

        /** Not of the run: an order decided long ago can be in it with a new ticket that is never decided. */
        private Map<Long, Long> highestTickets(List<Run.Entry> undecided) {
            Map<Long, Long> highest = new HashMap<>();
            for (Run.Entry entry : undecided) {
                Long ticket = entry.ticket();
                if (ticket != null) {
                    entry.order().productIds().forEach(productId -> highest.merge(productId, ticket, Math::max));
                }
            }
            return highest;
        }

        private void insertOrders(
                Run run, List<Run.Entry> undecided, Map<UUID, Decision> decisions, Map<Long, StockRow> rows)
                throws SQLException {
            List<OrderRow> inserted = new ArrayList<>(undecided.size());
            for (Run.Entry entry : undecided) {
                Decision decision = decisions.get(entry.order().id());
                if (decision == null) {
                    throw new IllegalStateException("order " + entry.order().id() + " was not decided");
                }
                inserted.add(OrderRow.of(
                        entry.order(),
                        decision.outcome(),
                        entry.ticket(),
                        run.fence(entry.order().productIds().get(0)),
                        isOvertaken(entry, rows),
                        decision.decidedAt()));
            }
            OrderRow.insertAll(connection, inserted, "", longest);
        }

        private boolean isOvertaken(Run.Entry entry, Map<Long, StockRow> rows) {
            Long ticket = entry.ticket();
            return ticket != null
                    && entry.order().productIds().stream().anyMatch(productId -> {
                        StockRow row = rows.get(productId);
                        return row != null && row.lineTicket() > ticket;
                    });
        }

        private void rollback(Exception cause) {
            try {
                connection.rollback();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
        }

        @Override
        public void close() {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION wait_timeout = DEFAULT, innodb_lock_wait_timeout = DEFAULT");
            } catch (SQLException e) {
                // a broken connection is replaced by the pool, which learns of it on close
            } finally {
                closeQuietly(connection);
            }
        }
    }
}

package dev.turnstile.stock;

import dev.turnstile.order.Outcome;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Deletes decided orders that are old, in the order of their commits, so that what is left is always the end of the
 * ledger. What deleted orders got is booked in the same transaction, in one row of {@code stock_changes} per product: Σ
 * differences − Σ fulfilled lines stays the stored stock, and no row of {@code stock} is touched or waited for.
 *
 * <p>Danger: an order whose row is gone would be decided again if its record came again. Whoever deletes must know that no
 * topic holds it any more.
 */
public final class LedgerRetention {

    /** The most orders of one transaction. */
    public static final int BATCH = 500;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    /** A decided order, as far as something is left of it. */
    private record Old(long commitSeq, boolean fulfilled, List<long[]> lines, long ticket, LocalDateTime decidedAt) {}

    /** What deleted orders leave of a product. */
    private static final class Left {
        private long pieces;
        private long ticket;
    }

    /**
     * Makes a retention of the ledger in a data source whose schema is in place.
     *
     * @param transactions of the same data source
     */
    public LedgerRetention(DataSource dataSource, PlatformTransactionManager transactions) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.transactions = new TransactionTemplate(transactions);
        this.transactions.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED); // locks no gaps
    }

    /** Whether there is something that {@link #deleteDecidedBefore} would delete. */
    public boolean hasDecidedBefore(Instant limit) {
        List<LocalDateTime> first = jdbc.query(
                "SELECT decided_at FROM orders ORDER BY commit_seq LIMIT 1",
                (row, number) -> row.getObject("decided_at", LocalDateTime.class));
        return !first.isEmpty() && first.get(0).isBefore(OrderRow.utc(limit));
    }

    /**
     * Deletes the oldest orders, {@link #BATCH} at most, up to the first that was not decided before a time. One process at a
     * time does it; another one that tries deletes nothing.
     *
     * @return how many; fewer than {@link #BATCH} if this is all for now
     * @throws org.springframework.dao.DataAccessException if the database can't be reached or refuses
     */
    public int deleteDecidedBefore(Instant limit) {
        LocalDateTime before = OrderRow.utc(limit);
        return transactions.execute(status -> {
            if (jdbc.queryForList("SELECT id FROM retention WHERE id = 1 FOR UPDATE SKIP LOCKED")
                    .isEmpty()) {
                return 0;
            }
            List<Old> old = new ArrayList<>();
            for (Old order : oldest()) {
                if (!order.decidedAt().isBefore(before)) {
                    break;
                }
                old.add(order);
            }
            if (!old.isEmpty()) {
                book(old);
                delete(old);
            }
            return old.size();
        });
    }

    private List<Old> oldest() {
        return jdbc.query(
                "SELECT commit_seq, status, order_lines, ticket, decided_at FROM orders ORDER BY commit_seq LIMIT ?",
                (row, number) -> new Old(
                        row.getLong("commit_seq"),
                        row.getString("status").equals(Outcome.FULFILLED),
                        List.of(JSON.readValue(row.getString("order_lines"), long[][].class)),
                        row.getLong("ticket"),
                        row.getObject("decided_at", LocalDateTime.class)),
                BATCH);
    }

    private void book(List<Old> old) {
        LocalDateTime last = old.get(old.size() - 1).decidedAt();
        Map<Long, Left> leftOf = new HashMap<>();
        for (Old order : old) {
            for (long[] line : order.lines()) {
                Left left = leftOf.computeIfAbsent(line[0], productId -> new Left());
                left.pieces += order.fulfilled() ? line[1] : 0;
                left.ticket = Math.max(left.ticket, order.ticket());
            }
        }
        List<Object[]> rows = new ArrayList<>(leftOf.size());
        // in one order, as everybody does who changes several rows
        new TreeMap<>(leftOf)
                .forEach((productId, left) -> rows.add(new Object[] {-left.pieces, last, left.ticket, productId}));
        // a product that is not known leaves nothing: anybody may order any number
        jdbc.batchUpdate(
                "INSERT INTO stock_changes (product_id, difference, changed_at, version, line_ticket, retired)"
                        + " SELECT product_id, ?, ?, 0, ?, 1 FROM stock WHERE product_id = ?"
                        + " ON DUPLICATE KEY UPDATE difference = difference + VALUES(difference),"
                        + " changed_at = VALUES(changed_at), line_ticket = GREATEST(stock_changes.line_ticket,"
                        + " VALUES(line_ticket))",
                rows);
    }

    private void delete(List<Old> old) {
        int deleted = jdbc.update(
                "DELETE FROM orders WHERE commit_seq BETWEEN ? AND ?",
                old.get(0).commitSeq(),
                old.get(old.size() - 1).commitSeq());
        if (deleted != old.size()) {
            throw new IllegalStateException(deleted + " orders would be deleted, and " + old.size() + " were booked");
        }
        LocalDateTime last =
                old.stream().map(Old::decidedAt).max(LocalDateTime::compareTo).orElseThrow();
        jdbc.update(
                "UPDATE retention SET decided_to = GREATEST(decided_to, ?), orders = orders + ? WHERE id = 1",
                last,
                deleted);
    }
}

package dev.turnstile.stock;

import dev.turnstile.order.Outcome;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Deletes old decided orders in the order of their commits, so that what is left is always the end of the
 * ledger. What deleted orders got is booked in the same transaction, in one row of {@code stock_changes} per product: Σ
 * differences − Σ fulfilled lines stays the stored stock, and no row of {@code stock} is touched or waited for.
 *
 * <p>Danger: an order whose row is gone would be decided again if its record came again. The caller must know that no
 * topic holds it any more.
 */
public final class LedgerRetention {

    /** The most orders of one transaction. */
    public static final int BATCH = 500;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    /** A decided order, as far as something is left of it. */
    private record Old(
            long commitSeq,
            boolean fulfilled,
            List<long[]> lines,
            long ticket,
            LocalDateTime decidedAt,
            Instant recordedAt) {}

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

    /** The time by the clock of the database, the only one that determines the age of an order. */
    public Instant now() {
        return Objects.requireNonNull(
                jdbc.queryForObject("SELECT UNIX_TIMESTAMP(NOW(6))", (row, number) -> instant(row.getBigDecimal(1))));
    }

    /** When it was noted last where the topics end. */
    public Optional<Instant> lastNoteOfEnds() {
        return jdbc
                .query(
                        "SELECT UNIX_TIMESTAMP(taken_at) FROM topic_ends ORDER BY taken_at DESC LIMIT 1",
                        (row, number) -> instant(row.getBigDecimal(1)))
                .stream()
                .findFirst();
    }

    /** Where topics ended at some time. */
    private record Note(Instant takenAt, Map<String, Long> ends) {

        /**
         * Whether all that was before these ends has left the topics. A partition that is not there any more holds
         * nothing.
         */
        boolean isGone(Map<String, Long> starts) {
            return ends.entrySet().stream()
                    .allMatch(end -> starts.getOrDefault(end.getKey(), Long.MAX_VALUE) >= end.getValue());
        }
    }

    /**
     * Notes where topics end, and deletes earlier notes that {@link #goneFromTopics} can't need any more: those before
     * one behind whose ends the topics begin, those with the same ends as a later one, and those before the first order
     * that the ledger has.
     *
     * @param time by the clock of the database, before that was read: what is recorded by then was published before
     *     these ends
     * @param ends by partition
     * @param starts where the topics begin, by partition
     */
    public void noteEnds(Instant time, Map<String, Long> ends, Map<String, Long> starts) {
        jdbc.update(
                "INSERT IGNORE INTO topic_ends (taken_at, ends) VALUES (FROM_UNIXTIME(?), ?)",
                seconds(time),
                JSON.writeValueAsString(ends));
        Instant first = firstRecorded().orElse(Instant.MAX);
        List<Object[]> old = new ArrayList<>();
        Note later = null;
        boolean gone = false;
        for (Note note : notes()) {
            if (later != null
                    && (gone
                            || note.ends().equals(later.ends())
                            || note.takenAt().isBefore(first))) {
                old.add(new Object[] {seconds(note.takenAt())});
            } else {
                later = note;
                gone = note.isGone(starts);
            }
        }
        jdbc.batchUpdate("DELETE FROM topic_ends WHERE taken_at = FROM_UNIXTIME(?)", old);
    }

    /**
     * What was recorded before this time has left the topics: the latest note behind whose ends all of them begin.
     *
     * @param starts by partition; one that a note does not know was empty then
     */
    public Optional<Instant> goneFromTopics(Map<String, Long> starts) {
        return notes().stream().filter(note -> note.isGone(starts)).findFirst().map(Note::takenAt);
    }

    /** The latest first. */
    private List<Note> notes() {
        return jdbc.query(
                "SELECT UNIX_TIMESTAMP(taken_at), ends FROM topic_ends ORDER BY taken_at DESC",
                (row, number) -> new Note(
                        instant(row.getBigDecimal(1)),
                        JSON.readValue(row.getString(2), new TypeReference<Map<String, Long>>() {})));
    }

    private static Instant instant(BigDecimal seconds) {
        return Instant.ofEpochSecond(0, seconds.movePointRight(9).longValueExact());
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), 9));
    }

    /** Whether there is something that {@link #deleteRecordedBefore} would delete. */
    public boolean hasRecordedBefore(Instant limit) {
        return firstRecorded().filter(limit::isAfter).isPresent();
    }

    private Optional<Instant> firstRecorded() {
        return jdbc
                .query(
                        "SELECT UNIX_TIMESTAMP(recorded_at) FROM orders ORDER BY commit_seq LIMIT 1",
                        (row, number) -> instant(row.getBigDecimal(1)))
                .stream()
                .findFirst();
    }

    /**
     * Deletes the oldest orders, {@link #BATCH} at most, up to the first that was not recorded before a time. One
     * process at a time does it; another one that tries deletes nothing.
     *
     * @param limit by the clock of the database
     * @return how many; fewer than {@link #BATCH} if this is all for now
     * @throws org.springframework.dao.DataAccessException if the database can't be reached or refuses
     */
    public int deleteRecordedBefore(Instant limit) {
        return transactions.execute(status -> {
            if (jdbc.queryForList("SELECT id FROM retention WHERE id = 1 FOR UPDATE SKIP LOCKED")
                    .isEmpty()) {
                return 0;
            }
            List<Old> old = new ArrayList<>();
            for (Old order : oldest()) {
                if (!order.recordedAt().isBefore(limit)) {
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
                "SELECT commit_seq, status, order_lines, ticket, decided_at, UNIX_TIMESTAMP(recorded_at) AS recorded"
                        + " FROM orders ORDER BY commit_seq LIMIT ?",
                (row, number) -> new Old(
                        row.getLong("commit_seq"),
                        row.getString("status").equals(Outcome.FULFILLED),
                        List.of(JSON.readValue(row.getString("order_lines"), long[][].class)),
                        row.getLong("ticket"),
                        row.getObject("decided_at", LocalDateTime.class),
                        instant(row.getBigDecimal("recorded"))),
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
        // in the common order of all writers of several rows
        new TreeMap<>(leftOf)
                .forEach((productId, left) -> rows.add(new Object[] {-left.pieces, last, left.ticket, productId}));
        // an unknown product leaves no row: orders may name any number
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

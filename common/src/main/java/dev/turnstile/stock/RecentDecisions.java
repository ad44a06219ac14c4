package dev.turnstile.stock;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The latest decisions, for those who watch. Blocks on the database and throws a
 * {@link org.springframework.dao.DataAccessException} when it can't be reached.
 */
public final class RecentDecisions {

    private final JdbcTemplate jdbc;

    /** Makes a tail of the ledger in this database. */
    public RecentDecisions(DataSource dataSource) {
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * An order that is decided.
     *
     * @param commitSeq grows from commit to commit of one product; of different ones a smaller one may appear later
     * @param status of its outcome
     * @param ticket in fair mode
     * @param overtaken whether a later ticket was decided before it
     */
    public record Entry(
            long commitSeq,
            Mode mode,
            String status,
            List<OrderLine> lines,
            @Nullable Long ticket,
            boolean overtaken) {}

    /** The number of the last commit, or 0. */
    public long last() {
        Long last = jdbc.queryForObject("SELECT MAX(commit_seq) FROM orders", Long.class);
        return last == null ? 0 : last;
    }

    /**
     * What was decided after a commit.
     *
     * @param most at most so many, the earliest
     */
    public List<Entry> after(long commitSeq, int most) {
        return jdbc.query(
                "SELECT commit_seq, mode, status, order_lines, ticket, overtaken FROM orders WHERE commit_seq > ?"
                        + " ORDER BY commit_seq LIMIT ?",
                (row, number) -> new Entry(
                        row.getLong(1),
                        Mode.valueOf(row.getString(2)),
                        row.getString(3),
                        OrderRow.lines(row.getString(4)),
                        row.getObject(5, Long.class),
                        row.getBoolean(6)),
                commitSeq,
                most);
    }
}

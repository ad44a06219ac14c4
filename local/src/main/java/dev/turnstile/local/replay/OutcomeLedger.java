package dev.turnstile.local.replay;

import com.github.f4b6a3.uuid.codec.StandardBinaryCodec;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.OrderRow;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Looks up outcomes in the ledger. One connection, for one thread. */
final class OutcomeLedger implements AutoCloseable {

    /** Orders that one query asks for. */
    static final int ASKED_AT_ONCE = 1000;

    private final SingleConnectionDataSource dataSource;
    private final JdbcTemplate jdbc;

    /**
     * An outcome and what its order wanted.
     *
     * @param lines of the order, none if it was dead-lettered unread
     */
    record Row(UUID orderId, Outcome outcome, List<OrderLine> lines) {}

    OutcomeLedger(String url, String user, String password) {
        this.dataSource = new SingleConnectionDataSource(url, user, password, true);
        this.jdbc = new JdbcTemplate(dataSource);
    }

    /**
     * Those of the orders that are decided.
     *
     * @param orderIds at most {@link #ASKED_AT_ONCE}
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    Map<UUID, Row> find(Collection<UUID> orderIds) {
        Map<UUID, Row> found = new HashMap<>();
        if (orderIds.isEmpty()) {
            return found;
        }
        Object[] ids =
                orderIds.stream().map(StandardBinaryCodec.INSTANCE::encode).toArray();
        String sql = "SELECT order_id, outcome, order_lines FROM orders WHERE order_id IN ("
                + String.join(",", Collections.nCopies(ids.length, "?")) + ")";
        jdbc.query(
                sql,
                row -> {
                    UUID orderId = StandardBinaryCodec.INSTANCE.decode(row.getBytes("order_id"));
                    found.put(
                            orderId,
                            new Row(
                                    orderId,
                                    OrderJson.readOutcome(row.getString("outcome")),
                                    OrderRow.lines(row.getString("order_lines"))));
                },
                ids);
        return found;
    }

    @Override
    public void close() {
        dataSource.destroy();
    }
}

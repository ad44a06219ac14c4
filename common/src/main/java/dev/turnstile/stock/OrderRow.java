package dev.turnstile.stock;

import com.github.f4b6a3.uuid.codec.StandardBinaryCodec;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * A row of the table {@code orders}, equal for all writers.
 *
 * @param orderId the order
 * @param mode how it was decided
 * @param lines what it wanted; none where they could not be read
 * @param outcome what became of it
 * @param ticket its ticket, or null in distributed mode
 * @param fence fencing token under which it was decided, 0 where no stock row was read under one
 * @param overtaken whether a later ticket had been decided before it
 * @param replayRun the replay that made it, or null
 * @param acceptedAt by the API's clock
 * @param decidedAt by the clock of the deciding process
 */
public record OrderRow(
        UUID orderId,
        Mode mode,
        List<OrderLine> lines,
        Outcome outcome,
        @Nullable Long ticket,
        long fence,
        boolean overtaken,
        @Nullable String replayRun,
        Instant acceptedAt,
        Instant decidedAt) {

    private static final String INTO =
            "INSERT INTO orders (order_id, mode, status, order_lines, outcome, ticket, fence, overtaken, replay_run,"
                    + " accepted_at, decided_at) VALUES ";

    /** Inserts one row; its parameters are set by {@link #setParameters}. */
    public static final String INSERT = INTO + "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final ObjectReader LINES = new JsonMapper().readerFor(long[][].class);

    /** Well below {@code max_allowed_packet} by default, which is 16 MB at least. */
    static final int LONGEST_STATEMENT = 4_000_000;

    private static final DateTimeFormatter DATE_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");
    private static final HexFormat HEX = HexFormat.of();

    /** The row of an order that was decided under a fencing token. */
    public static OrderRow of(
            Order order, Outcome outcome, @Nullable Long ticket, long fence, boolean overtaken, Instant decidedAt) {
        return new OrderRow(
                order.id(),
                order.mode(),
                order.lines(),
                outcome,
                ticket,
                fence,
                overtaken,
                order.replayRun(),
                order.acceptedAt(),
                decidedAt);
    }

    /** The row of an order of which only the id, the mode and the ticket are to be stored, or are known. */
    static OrderRow bare(UUID orderId, Mode mode, @Nullable Long ticket, Outcome outcome, Instant decidedAt) {
        return new OrderRow(orderId, mode, List.of(), outcome, ticket, 0, false, null, decidedAt, decidedAt);
    }

    /** The row of an order that was decided without a fencing token. */
    public static OrderRow unfenced(Order order, Outcome outcome, @Nullable Long ticket, Instant decidedAt) {
        return of(order, outcome, ticket, 0, false, decidedAt);
    }

    /** Inserts rows by statements that the default settings of every server take. */
    public static int insertAll(Connection connection, Collection<OrderRow> rows, String onDuplicate)
            throws SQLException {
        return insertAll(connection, rows, onDuplicate, LONGEST_STATEMENT);
    }

    /**
     * Inserts rows by as few statements as they fit in.
     *
     * <p>The values are part of the text, in a form that no setting of the server changes: the driver, which would put
     * them there, takes several times as long, and that was a third of a worker's time (decision 0011).
     *
     * @param onDuplicate what to do with a row whose order is decided already, as SQL; empty to fail
     * @param longest after how many characters a statement gets no further row
     * @return how many rows the server says that it changed
     */
    static int insertAll(Connection connection, Collection<OrderRow> rows, String onDuplicate, int longest)
            throws SQLException {
        try (Statement insert = connection.createStatement()) {
            insert.setEscapeProcessing(false); // the driver would scan every character for JDBC's {…}
            StringBuilder sql = new StringBuilder();
            int changed = 0;
            Instant decidedAt = Instant.MIN;
            String decidedText = "";
            for (OrderRow row : rows) {
                sql.append(sql.isEmpty() ? INTO : ",");
                if (!row.decidedAt.equals(decidedAt)) { // the orders of a run share it
                    decidedAt = row.decidedAt;
                    decidedText = DATE_TIME.format(utc(decidedAt));
                }
                row.appendValues(sql, decidedText);
                if (sql.length() > longest) {
                    changed += insert.executeUpdate(sql.append(onDuplicate).toString());
                    sql.setLength(0);
                }
            }
            if (!sql.isEmpty()) {
                changed += insert.executeUpdate(sql.append(onDuplicate).toString());
            }
            return changed;
        }
    }

    private void appendValues(StringBuilder sql, String decidedText) {
        sql.append("(X'");
        HEX.formatHex(sql, StandardBinaryCodec.INSTANCE.encode(orderId));
        sql.append("','")
                .append(mode.name())
                .append("','")
                .append(outcome.status())
                .append("','");
        sql.append(linesJson()).append("',");
        appendText(sql, OrderJson.write(outcome));
        sql.append(',')
                .append(ticket)
                .append(',')
                .append(fence)
                .append(',')
                .append(overtaken)
                .append(',');
        if (replayRun == null) {
            sql.append("NULL");
        } else {
            appendText(sql, replayRun);
        }
        sql.append(",'");
        DATE_TIME.formatTo(utc(acceptedAt), sql);
        sql.append("','").append(decidedText).append("')");
    }

    /** What may need an escape, which depends on {@code sql_mode}, goes as hexadecimal digits, which does not. */
    private static void appendText(StringBuilder sql, String text) {
        if (text.indexOf('\'') < 0 && text.indexOf('\\') < 0) {
            sql.append('\'').append(text).append('\'');
        } else {
            sql.append("_utf8mb4 X'");
            HEX.formatHex(sql, text.getBytes(StandardCharsets.UTF_8));
            sql.append('\'');
        }
    }

    /** Sets the parameters of a statement that is made of {@link #INSERT}. */
    public void setParameters(PreparedStatement insert) throws SQLException {
        insert.setBytes(1, StandardBinaryCodec.INSTANCE.encode(orderId));
        insert.setString(2, mode.name());
        insert.setString(3, outcome.status());
        insert.setString(4, linesJson());
        insert.setString(5, OrderJson.write(outcome));
        insert.setObject(6, ticket);
        insert.setLong(7, fence);
        insert.setBoolean(8, overtaken);
        insert.setString(9, replayRun);
        insert.setObject(10, utc(acceptedAt));
        insert.setObject(11, utc(decidedAt));
    }

    private String linesJson() {
        return lines.stream()
                .map(line -> "[" + line.productId() + "," + line.quantity() + "]")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /**
     * Reads the column {@code order_lines}.
     *
     * @throws JacksonException if it does not hold what this class writes
     */
    public static List<OrderLine> lines(String json) {
        return Arrays.stream(LINES.<long[][]>readValue(json))
                .map(line -> new OrderLine(line[0], Math.toIntExact(line[1])))
                .toList();
    }

    static LocalDateTime utc(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
}

package dev.turnstile.stock;

import com.github.f4b6a3.uuid.codec.StandardBinaryCodec;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row of the table {@code orders}, the same whoever writes it.
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
 * @param decidedAt by the clock of whoever decided
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

    /** Inserts one row; its parameters are {@link #values()}. */
    public static final String INSERT =
            "INSERT INTO orders (order_id, mode, status, order_lines, outcome, ticket, fence, overtaken, replay_run,"
                    + " accepted_at, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

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

    /** The row of an order that was decided without a fencing token. */
    public static OrderRow unfenced(Order order, Outcome outcome, @Nullable Long ticket, Instant decidedAt) {
        return of(order, outcome, ticket, 0, false, decidedAt);
    }

    /** The parameters of {@link #INSERT}, in their order. */
    @Nullable Object[] values() {
        return new @Nullable Object[] {
            StandardBinaryCodec.INSTANCE.encode(orderId),
            mode.name(),
            outcome.status(),
            linesJson(),
            OrderJson.write(outcome),
            ticket,
            fence,
            overtaken,
            replayRun,
            utc(acceptedAt),
            utc(decidedAt)
        };
    }

    /** Sets the parameters of a statement that is made of {@link #INSERT}. */
    public void setParameters(PreparedStatement insert) throws SQLException {
        int index = 1;
        for (Object value : values()) {
            insert.setObject(index++, value);
        }
    }

    private String linesJson() {
        return lines.stream()
                .map(line -> "[" + line.productId() + "," + line.quantity() + "]")
                .collect(Collectors.joining(",", "[", "]"));
    }

    static LocalDateTime utc(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }
}

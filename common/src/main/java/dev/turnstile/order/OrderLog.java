package dev.turnstile.order;

import dev.turnstile.trace.TraceParent;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Fields of log lines that speak of an order: {@code orderId}, {@code ticket} and, if it is traced, {@code traceId}.
 * Only structured logs show them, so the message names the order, too.
 */
public final class OrderLog {

    private static final String TRACE_ID = "traceId";

    private OrderLog() {}

    /** A line about an order. */
    public static LoggingEventBuilder about(LoggingEventBuilder line, Order order, @Nullable Long ticket) {
        LoggingEventBuilder about = about(line, order.id(), ticket);
        String traceParent = order.traceParent();
        // what the thread has of its own would be there twice, and a JSON object can't
        return traceParent == null || MDC.get(TRACE_ID) != null
                ? about
                : about.addKeyValue(TRACE_ID, TraceParent.traceId(traceParent));
    }

    /** A line about an order of which only this is known. */
    public static LoggingEventBuilder about(LoggingEventBuilder line, UUID orderId, @Nullable Long ticket) {
        LoggingEventBuilder about = line.addKeyValue("orderId", orderId);
        return ticket == null ? about : about.addKeyValue("ticket", ticket);
    }
}

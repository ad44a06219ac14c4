package dev.turnstile.worker;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.trace.TraceParent;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Reads orders off the topics. */
public final class OrderRecords {

    private OrderRecords() {}

    /**
     * The order of a record. Its trace is the one in its value, or else the one in its headers, where other producers have it.
     *
     * @throws UnreadableMessageException if it holds no order of a version this build knows
     */
    public static Order read(ConsumerRecord<String, byte[]> record) throws UnreadableMessageException {
        Order order = OrderJson.readOrder(record.value());
        Header traceParent = order.traceParent() == null ? record.headers().lastHeader(TraceParent.HEADER) : null;
        return traceParent == null || traceParent.value() == null
                ? order
                : order.traced(new String(traceParent.value(), StandardCharsets.UTF_8));
    }
}

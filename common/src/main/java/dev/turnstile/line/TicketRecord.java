package dev.turnstile.line;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderLine;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What the line keeps of an order under its ticket: product ids, order id and drawer where Lua finds them, then the
 * order.
 */
final class TicketRecord {

    private static final char SEPARATOR = '|';
    private static final int FIELDS_BEFORE_JSON = 3;

    private TicketRecord() {}

    /**
     * The record of an order.
     *
     * @param drawer who draws, or nothing for an order that was published already
     */
    static String of(Order order, String drawer) {
        String products = order.productIds().stream().map(String::valueOf).collect(Collectors.joining(","));
        return products
                + SEPARATOR
                + order.id()
                + SEPARATOR
                + drawer
                + SEPARATOR
                + new String(OrderJson.write(order), StandardCharsets.UTF_8);
    }

    /**
     * The text by which a record shows the lines of its order. Inside of a string of the JSON its quotes would be
     * escaped.
     */
    static String lines(List<OrderLine> lines) {
        return lines.stream()
                .map(line -> "{\"productId\":" + line.productId() + ",\"quantity\":" + line.quantity() + "}")
                .collect(Collectors.joining(",", "\"lines\":[", "]"));
    }

    static List<Long> productIds(String record) {
        return Arrays.stream(record.substring(0, record.indexOf(SEPARATOR)).split(","))
                .map(Long::valueOf)
                .toList();
    }

    static UUID orderId(String record) {
        int begin = record.indexOf(SEPARATOR) + 1;
        return UUID.fromString(record.substring(begin, record.indexOf(SEPARATOR, begin)));
    }

    /**
     * Reads the order back.
     *
     * @throws UnreadableMessageException if a build of another version wrote it
     */
    static Order order(String record) throws UnreadableMessageException {
        int json = 0;
        for (int field = 0; field < FIELDS_BEFORE_JSON; field++) {
            json = record.indexOf(SEPARATOR, json) + 1;
        }
        return OrderJson.readOrder(record.substring(json).getBytes(StandardCharsets.UTF_8));
    }
}

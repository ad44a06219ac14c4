package dev.turnstile.local.audit;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record of a topic of orders.
 *
 * @param partition where it is
 * @param offset where it is there
 * @param publishedAtMs by the producer's clock, ms since 1970
 * @param order what it holds, or null if that can't be read
 * @param namedId the order id in its value, if it is no readable order, or else in its headers, or null
 * @param hasTicket whether a ticket with its code is in its headers
 */
record Published(
        TopicPartition partition,
        long offset,
        long publishedAtMs,
        @Nullable Order order,
        @Nullable UUID namedId,
        boolean hasTicket) {

    /**
     * Reads a record.
     *
     * @param installation the id of the installation that the topics belong to, or null if that is not known
     */
    static Published of(ConsumerRecord<?, byte[]> record, @Nullable String installation) {
        Order order = order(record.value());
        UUID inside = OrderJson.readSender(record.value()).id();
        List<String> names = new ArrayList<>();
        record.headers().headers(OrderTopics.HEADER_ORDER_ID).forEach(header -> {
            if (header.value() != null) {
                names.add(new String(header.value(), StandardCharsets.UTF_8));
            }
        });
        UUID named = names.isEmpty() ? null : OrderTopics.orderId(names.get(0)).orElse(null);
        String publisher = header(record, OrderTopics.HEADER_INSTALLATION);
        boolean ofAnother = installation != null && publisher != null && !publisher.equals(installation);
        boolean ofTwo =
                names.stream().distinct().count() > 1 || (inside != null && named != null && !inside.equals(named));
        boolean ofNone = ofAnother || ofTwo; // it is dead-lettered and no order gets an outcome for it
        return new Published(
                new TopicPartition(record.topic(), record.partition()),
                record.offset(),
                record.timestamp(),
                ofNone ? null : order,
                ofNone ? null : order == null && inside != null ? inside : named,
                header(record, OrderTopics.HEADER_TICKET) != null
                        && header(record, OrderTopics.HEADER_TICKET_MAC) != null);
    }

    private static @Nullable Order order(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        try {
            return OrderJson.readOrder(value);
        } catch (UnreadableMessageException | RuntimeException e) {
            return null;
        }
    }

    static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /**
     * The ids under which it may have an outcome: that of its order, and that of its headers if it was dead-lettered.
     */
    Set<UUID> ids() {
        Set<UUID> ids = new HashSet<>();
        if (order != null) {
            ids.add(order.id());
        }
        if (namedId != null) {
            ids.add(namedId);
        }
        return ids;
    }

    /** The id in reports, or null if it has none. */
    @Nullable UUID id() {
        return order != null ? order.id() : namedId;
    }

    /** Whether it is about one of these products, for all that can be known. */
    boolean isLookedAt(LongPredicate products) {
        return order == null || order.productIds().stream().anyMatch(products::test);
    }

    /** Its place for people. */
    String place() {
        return partition + " offset " + offset;
    }
}

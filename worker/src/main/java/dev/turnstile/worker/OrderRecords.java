package dev.turnstile.worker;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import dev.turnstile.trace.TraceParent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Reads orders off the topics. The only place where a record becomes an order or a dead letter: whatever is thrown
 * because of what is in it makes it the latter.
 */
@Component
public final class OrderRecords {

    /** Bytes of the largest order, as over HTTP. */
    public static final int LARGEST = 64 * 1024;

    private final UUID installation;
    private final TicketMac macs;

    /** Creates a reader for the records of an installation. */
    public OrderRecords(Installation installation) {
        this.installation = installation.id();
        this.macs = new TicketMac(installation);
    }

    /** What a record of a topic of orders turned out to be. */
    public sealed interface Content {

        /**
         * An order.
         *
         * @param ticket the one it holds, or null: in distributed mode, or because one is still to be drawn for it
         */
        record Valid(Order order, @Nullable Ticket ticket) implements Content {}

        /**
         * No order, and no retry can make it one.
         *
         * @param reason for people
         */
        record Invalid(String reason) implements Content {}
    }

    /** Reads a record of one of {@link OrderTopics#OF_ORDERS}. Never throws because of the record. */
    public Content read(ConsumerRecord<String, byte[]> record) {
        try {
            return valid(record);
        } catch (UnreadableMessageException | IllegalArgumentException e) {
            return new Content.Invalid(String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            return new Content.Invalid("it can't be read: " + e);
        }
    }

    private Content.Valid valid(ConsumerRecord<String, byte[]> record) throws UnreadableMessageException {
        if (isOfAnother(record)) {
            throw new IllegalArgumentException("another installation published it: its header "
                    + OrderTopics.HEADER_INSTALLATION + " does not name " + installation);
        }
        Order order = traced(OrderJson.readOrder(record.value()), record);
        if (order.mode() != mode(record)) {
            throw new IllegalArgumentException(
                    switch (order.mode()) {
                        case DISTRIBUTED -> "it is not a fair order: send it to " + OrderTopics.DISTRIBUTED;
                        case FAIR -> "it is not a distributed order: send it to " + OrderTopics.FAIR_OPEN;
                    });
        }
        if (!named(record).stream().allMatch(order.id().toString()::equalsIgnoreCase)) {
            throw new IllegalArgumentException(
                    "its header " + OrderTopics.HEADER_ORDER_ID + " does not name the order in it, " + order.id());
        }
        Ticket ticket = ticketOrNull(record);
        if (order.mode() == Mode.FAIR && ticket == null) {
            requireFit(record);
        }
        return new Content.Valid(order, ticket);
    }

    /**
     * The ticket that a record of {@link OrderTopics#FAIR} brings. Only one that this installation drew for this very
     * record counts: any other number is the place of another order, or of none.
     *
     * @throws IllegalArgumentException if the header holds no ticket
     */
    private @Nullable Ticket ticketOrNull(ConsumerRecord<?, byte[]> record) {
        if (!record.topic().equals(OrderTopics.FAIR)) {
            return null;
        }
        Ticket ticket =
                text(record, OrderTopics.HEADER_TICKET).map(Ticket::parse).orElse(null);
        boolean counts = ticket != null
                && isOurs(record)
                && text(record, OrderTopics.HEADER_TICKET_MAC)
                        .filter(mac -> macs.isOf(mac, ticket, record.value()))
                        .isPresent();
        return counts ? ticket : null;
    }

    /** The ticket that a record brings, if this installation drew it for the record. */
    public Optional<Ticket> ticket(ConsumerRecord<?, byte[]> record) {
        try {
            return Optional.ofNullable(ticketOrNull(record));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What is much larger might not fit on another topic any more. */
    private static void requireFit(ConsumerRecord<?, ?> record) {
        long bytes = (long) Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        if (bytes > LARGEST) {
            throw new IllegalArgumentException("it has " + bytes + " bytes, and an order has at most " + LARGEST);
        }
    }

    /** The mode of the orders of a record's topic. */
    public static Mode mode(ConsumerRecord<?, ?> record) {
        return record.topic().equals(OrderTopics.DISTRIBUTED) ? Mode.DISTRIBUTED : Mode.FAIR;
    }

    /** Its trace is the one in its value, or else the one in its headers, where other producers have it. */
    private static Order traced(Order order, ConsumerRecord<?, ?> record) {
        String outside =
                order.traceParent() == null ? text(record, TraceParent.HEADER).orElse(null) : null;
        return outside == null ? order : order.traced(outside);
    }

    private boolean isOurs(ConsumerRecord<?, ?> record) {
        return text(record, OrderTopics.HEADER_INSTALLATION)
                .filter(installation.toString()::equals)
                .isPresent();
    }

    private boolean isOfAnother(ConsumerRecord<?, ?> record) {
        return !isOurs(record) && text(record, OrderTopics.HEADER_INSTALLATION).isPresent();
    }

    /**
     * The order that an unreadable record is about: the one in its value, or if that is unknown, the one that its
     * header names. Nothing if the two differ, or if it is another installation's: it speaks for no order then.
     */
    public Optional<UUID> orderId(ConsumerRecord<?, byte[]> record) {
        List<String> named = named(record);
        if (named.size() > 1 || isOfAnother(record)) {
            return Optional.empty();
        }
        UUID inside = OrderJson.readSender(record.value()).id();
        Optional<UUID> outside = named.stream().findFirst().flatMap(OrderTopics::orderId);
        if (inside == null) {
            return outside;
        }
        return outside.isEmpty() || outside.get().equals(inside) ? Optional.of(inside) : Optional.empty();
    }

    /** Which order it is by its headers; more than one if they differ. */
    private static List<String> named(ConsumerRecord<?, ?> record) {
        return StreamSupport.stream(
                        record.headers().headers(OrderTopics.HEADER_ORDER_ID).spliterator(), false)
                .map(Header::value)
                .filter(Objects::nonNull)
                .map(value -> new String(value, StandardCharsets.UTF_8))
                .distinct()
                .toList();
    }

    /** The text of the last header of that name, or nothing if there is none or it has no value. */
    public static Optional<String> text(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }
}

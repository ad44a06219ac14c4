package dev.turnstile.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import dev.turnstile.trace.TraceParent;
import dev.turnstile.worker.OrderRecords.Content;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderRecordsTest {

    private static final String OURS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String ANOTHER = "00-11112222333344445555666677778888-00f067aa0ba902b7-01";
    private static final Ticket TICKET = new Ticket(1099511627777L);

    private final Installation installation = new Installation(UUID.randomUUID(), new byte[32]);
    private final OrderRecords records = new OrderRecords(installation);
    private final Order order = order(Mode.FAIR);

    private static Order order(Mode mode) {
        return new Order(UUID.randomUUID(), mode, List.of(new OrderLine(1, 1)), Instant.ofEpochSecond(1), null, null);
    }

    private static ConsumerRecord<String, byte[]> record(String topic, byte @Nullable [] value) {
        return new ConsumerRecord<>(topic, 0, 0, null, value);
    }

    private static ConsumerRecord<String, byte[]> fair(Order order) {
        return record(OrderTopics.FAIR, OrderJson.write(order));
    }

    private static void header(ConsumerRecord<?, ?> record, String name, @Nullable Object value) {
        record.headers().add(name, value == null ? null : value.toString().getBytes(UTF_8));
    }

    private String refused(ConsumerRecord<String, byte[]> record) {
        Content content = records.read(record);
        assertThat(content).isInstanceOf(Content.Invalid.class);
        return ((Content.Invalid) content).reason();
    }

    @Test
    void theTraceOfAnotherProducerIsInTheHeaderAlone() {
        ConsumerRecord<String, byte[]> outside = fair(order);
        header(outside, TraceParent.HEADER, OURS);
        assertThat(records.read(outside)).isEqualTo(new Content.Valid(order.traced(OURS), null));
        ConsumerRecord<String, byte[]> both = fair(order.traced(OURS));
        header(both, TraceParent.HEADER, ANOTHER);
        assertThat(records.read(both)).isEqualTo(new Content.Valid(order.traced(OURS), null));
    }

    @Test
    void headersWithoutAValueAreAsNone() {
        ConsumerRecord<String, byte[]> record = fair(order);
        for (String name : List.of(
                TraceParent.HEADER,
                OrderTopics.HEADER_TICKET,
                OrderTopics.HEADER_ORDER_ID,
                OrderTopics.HEADER_INSTALLATION,
                OrderTopics.HEADER_REPLY_TOPIC,
                OrderTopics.HEADER_REPLY_PARTITION)) {
            header(record, name, null);
        }
        header(record, TraceParent.HEADER, "00-1-2-01");
        assertThat(records.read(record)).isEqualTo(new Content.Valid(order, null));
        assertThat(records.orderId(record)).contains(order.id());
        assertThat(records.ticket(record)).isEmpty();
    }

    @Test
    void aTicketCountsInTheInstallationThatDrewItOnly() {
        ConsumerRecord<String, byte[]> ours = fair(order);
        header(ours, OrderTopics.HEADER_TICKET, TICKET);
        assertThat(records.read(ours))
                .as("the drawing API is not part of it")
                .isEqualTo(new Content.Valid(order, null));
        assertThat(records.ticket(ours)).isEmpty();
        header(ours, OrderTopics.HEADER_INSTALLATION, installation.id());
        assertThat(records.read(ours)).as("any producer can write that").isEqualTo(new Content.Valid(order, null));
        header(ours, OrderTopics.HEADER_TICKET_MAC, mac(TICKET, ours));
        assertThat(records.read(ours)).isEqualTo(new Content.Valid(order, TICKET));
        assertThat(records.ticket(ours)).contains(TICKET);

        ConsumerRecord<String, byte[]> copy = fair(order);
        header(copy, OrderTopics.HEADER_TICKET, TICKET);
        header(copy, OrderTopics.HEADER_INSTALLATION, UUID.randomUUID());
        header(copy, OrderTopics.HEADER_TICKET_MAC, mac(TICKET, copy));
        assertThat(refused(copy)).contains("another installation");
        assertThat(records.ticket(copy)).isEmpty();
        assertThat(records.orderId(copy)).as("it is answered there").isEmpty();

        ConsumerRecord<String, byte[]> open = record(OrderTopics.FAIR_OPEN, OrderJson.write(order));
        header(open, OrderTopics.HEADER_TICKET, TICKET);
        header(open, OrderTopics.HEADER_INSTALLATION, installation.id());
        header(open, OrderTopics.HEADER_TICKET_MAC, mac(TICKET, open));
        assertThat(records.read(open)).as("one is drawn for it").isEqualTo(new Content.Valid(order, null));
    }

    /** A number that another producer writes is the place of another order, or goes before or behind all others. */
    @Test
    void aTicketCountsForTheRecordAloneThatItWasDrawnFor() {
        ConsumerRecord<String, byte[]> drawn = fair(order);
        String code = mac(TICKET, drawn);
        ConsumerRecord<String, byte[]> another = fair(order(Mode.FAIR));
        ConsumerRecord<String, byte[]> garbage = record(OrderTopics.FAIR, "junk".getBytes(UTF_8));
        for (ConsumerRecord<String, byte[]> copied : List.of(another, garbage)) {
            header(copied, OrderTopics.HEADER_TICKET, TICKET);
            header(copied, OrderTopics.HEADER_INSTALLATION, installation.id());
            header(copied, OrderTopics.HEADER_TICKET_MAC, code);
            assertThat(records.ticket(copied)).isEmpty();
        }
        for (long number : List.of(1L, TICKET.number() - 1, TICKET.number() + 1, (1L << 53) - 1)) {
            ConsumerRecord<String, byte[]> moved = fair(order);
            header(moved, OrderTopics.HEADER_TICKET, number);
            header(moved, OrderTopics.HEADER_INSTALLATION, installation.id());
            header(moved, OrderTopics.HEADER_TICKET_MAC, code);
            assertThat(records.read(moved)).isEqualTo(new Content.Valid(order, null));
        }
        for (String wrong : List.of("", "junk", code + "=", code.substring(1), code + code, "\u0000")) {
            ConsumerRecord<String, byte[]> forged = fair(order);
            header(forged, OrderTopics.HEADER_TICKET, TICKET);
            header(forged, OrderTopics.HEADER_INSTALLATION, installation.id());
            header(forged, OrderTopics.HEADER_TICKET_MAC, wrong);
            assertThat(records.read(forged)).isEqualTo(new Content.Valid(order, null));
        }
    }

    private String mac(Ticket ticket, ConsumerRecord<String, byte[]> record) {
        return new String(new TicketMac(installation).of(ticket, record.value()), UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "first", "0", "-1", "1.5", "99999999999999999999", "9007199254740992"})
    void whatIsNoTicketMakesADeadLetter(String ticket) {
        ConsumerRecord<String, byte[]> record = fair(order);
        header(record, OrderTopics.HEADER_TICKET, ticket);
        assertThat(refused(record)).contains("ticket");
    }

    @Test
    void aRecordThatNamesAnotherOrderSpeaksForNeither() {
        ConsumerRecord<String, byte[]> record = fair(order);
        header(record, OrderTopics.HEADER_ORDER_ID, UUID.randomUUID());
        assertThat(refused(record)).contains(OrderTopics.HEADER_ORDER_ID);
        assertThat(records.orderId(record)).isEmpty();

        ConsumerRecord<String, byte[]> twice = record(OrderTopics.FAIR, "junk".getBytes(UTF_8));
        header(twice, OrderTopics.HEADER_ORDER_ID, UUID.randomUUID());
        header(twice, OrderTopics.HEADER_ORDER_ID, UUID.randomUUID());
        assertThat(records.orderId(twice)).isEmpty();
    }

    @Test
    void anUnreadableRecordIsOfTheOrderThatItNames() {
        byte[] broken = new String(OrderJson.write(order), UTF_8)
                .replace("\"quantity\":1", "\"quantity\":1.9")
                .getBytes(UTF_8);
        ConsumerRecord<String, byte[]> inside = record(OrderTopics.FAIR_OPEN, broken);
        assertThat(refused(inside)).contains("quantity");
        assertThat(records.orderId(inside)).contains(order.id());
        header(inside, OrderTopics.HEADER_ORDER_ID, order.id());
        assertThat(records.orderId(inside)).contains(order.id());

        ConsumerRecord<String, byte[]> outside = record(OrderTopics.FAIR_OPEN, "junk".getBytes(UTF_8));
        header(outside, OrderTopics.HEADER_ORDER_ID, order.id());
        assertThat(records.orderId(outside)).contains(order.id());
        ConsumerRecord<String, byte[]> nowhere = record(OrderTopics.FAIR_OPEN, null);
        header(nowhere, OrderTopics.HEADER_ORDER_ID, "1-1-1-1-1");
        assertThat(records.orderId(nowhere)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "junk", "{\"v\":1,", "{\"v\":1,\"order\":null}", "\u0000"})
    void whatIsNoOrderIsADeadLetterOnEveryTopic(String value) {
        for (String topic : OrderTopics.OF_ORDERS) {
            assertThat(refused(record(topic, value.getBytes(UTF_8)))).isNotEmpty();
            assertThat(refused(record(topic, null))).isNotEmpty();
            assertThat(refused(record(topic, "[".repeat(1_000_000).getBytes(UTF_8))))
                    .isNotEmpty();
        }
    }

    @Test
    void whateverIsThrownMakesADeadLetter() {
        ConsumerRecord<String, byte[]> deep = new ConsumerRecord<>(OrderTopics.DISTRIBUTED, 0, 0, null, new byte[0]) {
            @Override
            public byte[] value() {
                throw new StackOverflowError();
            }
        };
        assertThat(refused(deep)).contains("StackOverflowError");
        ConsumerRecord<String, byte[]> odd = new ConsumerRecord<>(OrderTopics.FAIR, 0, 0, null, new byte[0]) {
            @Override
            public byte[] value() {
                throw new ArithmeticException("odd");
            }
        };
        assertThat(refused(odd)).contains("odd");
    }

    @Test
    void anOrderBelongsOnATopicOfItsMode() {
        Order distributed = order(Mode.DISTRIBUTED);
        assertThat(records.read(record(OrderTopics.DISTRIBUTED, OrderJson.write(distributed))))
                .isEqualTo(new Content.Valid(distributed, null));
        assertThat(refused(record(OrderTopics.DISTRIBUTED, OrderJson.write(order))))
                .contains(OrderTopics.FAIR_OPEN);
        assertThat(refused(record(OrderTopics.FAIR, OrderJson.write(distributed))))
                .contains(OrderTopics.DISTRIBUTED);
        assertThat(refused(record(OrderTopics.FAIR_OPEN, OrderJson.write(distributed))))
                .contains(OrderTopics.DISTRIBUTED);
    }
}

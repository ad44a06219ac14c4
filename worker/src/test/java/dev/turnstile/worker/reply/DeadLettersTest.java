package dev.turnstile.worker.reply;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.line.TicketMac;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OrderRecords;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaProducerException;
import org.springframework.kafka.core.KafkaTemplate;

/** What becomes of a record that is no order, and of the order that it names. */
class DeadLettersTest {

    private static final int LONGEST_REASON = 403;
    private static final int PARTITIONS = 12;
    private static final byte[] JUNK = "junk".getBytes(UTF_8);
    private static final Ticket TICKET = new Ticket(1099511627777L);

    private final Installation installation = new Installation(UUID.randomUUID(), new byte[32]);
    private final KafkaTemplate<String, byte[]> kafka = mock();
    private final Ledger ledger = mock();
    private final TicketLine line = mock();
    private final InFlightOrders<Order> kept = new InFlightOrders<>(order -> order);
    private final ReplySender replies = mock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final DeadLetters letters =
            new DeadLetters(new OrderRecords(installation), kafka, ledger, line, List.of(kept), replies, registry);
    private final Order order =
            new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.ofEpochSecond(1), null, null);

    @BeforeEach
    void allIsWell() {
        when(kafka.send(anyRecord())).thenReturn(CompletableFuture.completedFuture(null));
        when(kafka.partitionsFor(OrderTopics.DISTRIBUTED)).thenReturn(Collections.nCopies(PARTITIONS, null));
        when(line.standing(any())).thenReturn(CompletableFuture.completedStage(Optional.empty()));
        when(ledger.setAside(any(), any(), any(), any()))
                .thenAnswer(call -> new Decision(
                        call.getArgument(0),
                        call.getArgument(1),
                        call.getArgument(2),
                        call.getArgument(3),
                        Instant.EPOCH));
        when(replies.send(any(), any(), any())).thenReturn(CompletableFuture.completedFuture(null));
    }

    private static ProducerRecord<String, byte[]> anyRecord() {
        return any();
    }

    /** Of distributed orders where those of that id are. */
    private ConsumerRecord<String, byte[]> record(String topic, byte @Nullable [] value) {
        return new ConsumerRecord<>(topic, home(), 7, "key", value);
    }

    /** By the partitioner that producers of Java have. */
    private int home() {
        return BuiltInPartitioner.partitionForKey(order.id().toString().getBytes(UTF_8), PARTITIONS);
    }

    private static ConsumerRecord<String, byte[]> with(
            ConsumerRecord<String, byte[]> record, String name, @Nullable Object value) {
        record.headers().add(name, value == null ? null : value.toString().getBytes(UTF_8));
        return record;
    }

    private ProducerRecord<String, byte[]> letter() {
        ArgumentCaptor<ProducerRecord<String, byte[]>> sent = ArgumentCaptor.captor();
        verify(kafka).send(sent.capture());
        return sent.getValue();
    }

    private static String header(ProducerRecord<String, byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }

    private void noOutcome() {
        verify(ledger, never()).setAside(any(), any(), any(), any());
        verify(replies, never()).send(any(), any(), any());
    }

    private double counted(String topic) {
        return registry.get("turnstile.dead.letters")
                .tag("topic", topic)
                .counter()
                .count();
    }

    /** The client, the ledger and a log get it, and a record may hold anything. */
    @Test
    void aReasonIsShortAndPrintable() {
        ConsumerRecord<String, byte[]> record =
                with(record(OrderTopics.FAIR_OPEN, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        String reason = "x" + "\ud83d\ude00".repeat(100) + "\u0000\n\u001b[2J\u2028" + "y".repeat(100_000);
        assertThat(letters.setAside(record, reason)).contains(order.id());
        ArgumentCaptor<Outcome.Invalid> outcome = ArgumentCaptor.captor();
        verify(ledger).setAside(eq(order.id()), eq(Mode.FAIR), eq(null), outcome.capture());
        String kept = outcome.getValue().reason();
        assertThat(kept)
                .startsWith("x\ud83d\ude00")
                .hasSizeLessThanOrEqualTo(LONGEST_REASON)
                .endsWith("y...");
        assertThat(kept).doesNotContainPattern("[\\p{C}\\p{Zl}\\p{Zp}]");
        assertThat(header(letter(), DeadLetters.HEADER_REASON)).isEqualTo(kept);
    }

    @Test
    void aReasonThatIsCutWithinACharacterIsStillText() {
        ConsumerRecord<String, byte[]> record =
                with(record(OrderTopics.FAIR_OPEN, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        assertThat(letters.setAside(record, "x" + "\ud83d\ude00".repeat(10_000)))
                .contains(order.id());
        assertThat(header(letter(), DeadLetters.HEADER_REASON))
                .hasSizeLessThanOrEqualTo(LONGEST_REASON)
                .endsWith("?...");
    }

    @Test
    void garbageThatNamesAnOrderIsItsOutcomeAndItsSenderIsAnswered() {
        ConsumerRecord<String, byte[]> record = record(OrderTopics.DISTRIBUTED, JUNK);
        with(record, OrderTopics.HEADER_ORDER_ID, order.id());
        with(record, OrderTopics.HEADER_REPLY_TOPIC, OrderTopics.REPLIES);
        with(record, OrderTopics.HEADER_REPLY_PARTITION, 5);
        assertThat(letters.setAside(record, "why")).contains(order.id());
        ArgumentCaptor<Decision> answer = ArgumentCaptor.captor();
        verify(replies).send(answer.capture(), eq(new ReplyAddress(OrderTopics.REPLIES, 5)), eq(null));
        assertThat(answer.getValue().orderId()).isEqualTo(order.id());
        assertThat(answer.getValue().outcome()).isEqualTo(new Outcome.Invalid("why"));

        ProducerRecord<String, byte[]> letter = letter();
        assertThat(letter.topic()).isEqualTo(OrderTopics.DISTRIBUTED + OrderTopics.DEAD_LETTER_SUFFIX);
        assertThat(letter.key()).isEqualTo("key");
        assertThat(letter.value()).isEqualTo(JUNK);
        assertThat(header(letter, DeadLetters.HEADER_PARTITION)).isEqualTo("" + home());
        assertThat(header(letter, DeadLetters.HEADER_OFFSET)).isEqualTo("7");
        assertThat(record.headers().lastHeader(DeadLetters.HEADER_REASON))
                .as("it may have to be dead-lettered again")
                .isNull();
        assertThat(counted(OrderTopics.DISTRIBUTED)).isEqualTo(1);
    }

    /**
     * Records from elsewhere might be read before the order's own record is, or by another worker while that is
     * decided.
     */
    @Test
    void garbageThatNamesADistributedOrderIsReadBehindTheOrdersOwnRecord() {
        int elsewhere = (home() + 1) % PARTITIONS;
        ConsumerRecord<String, byte[]> junk = new ConsumerRecord<>(OrderTopics.DISTRIBUTED, elsewhere, 7, "any", JUNK);
        with(junk, OrderTopics.HEADER_ORDER_ID, order.id().toString().toUpperCase(Locale.ROOT));
        assertThat(letters.setAside(junk, "why")).isEmpty();
        noOutcome();
        assertThat(counted(OrderTopics.DISTRIBUTED)).as("it is no letter yet").isZero();
        ProducerRecord<String, byte[]> sent = letter();
        assertThat(sent.topic()).isEqualTo(OrderTopics.DISTRIBUTED);
        assertThat(sent.partition()).isEqualTo(home());
        assertThat(sent.key()).isEqualTo("any");
        assertThat(sent.value()).isEqualTo(JUNK);
        assertThat(sent.headers()).isEqualTo(junk.headers());

        kept.keep(new TopicPartition(OrderTopics.DISTRIBUTED, home()), 1, order);
        ConsumerRecord<String, byte[]> there = record(OrderTopics.DISTRIBUTED, JUNK);
        assertThat(letters.setAside(with(there, OrderTopics.HEADER_ORDER_ID, order.id()), "why"))
                .isEmpty();
        noOutcome();
        assertThat(counted(OrderTopics.DISTRIBUTED)).isEqualTo(1);
    }

    @Test
    void garbageThatIsTooLargeToBeSentOnIsALetterWhereItIs() {
        ConsumerRecord<String, byte[]> junk =
                new ConsumerRecord<>(OrderTopics.DISTRIBUTED, (home() + 1) % PARTITIONS, 7, "any", JUNK);
        ProducerRecord<String, byte[]> sent = new ProducerRecord<>("any", new byte[0]);
        when(kafka.send(anyRecord()))
                .thenReturn(CompletableFuture.failedFuture(
                        new KafkaProducerException(sent, "failed", new RecordTooLargeException())));
        assertThat(letters.setAside(with(junk, OrderTopics.HEADER_ORDER_ID, order.id()), "why"))
                .contains(order.id());
        assertThat(counted(OrderTopics.DISTRIBUTED)).isEqualTo(1);
    }

    @Test
    void anAddressThatIsNoneIsNotAnswered() {
        for (String topic : List.of("", "orders.fair", "__consumer_offsets", "a b", "x".repeat(100_000))) {
            for (String partition : List.of("", "-1", "1.5", "x", "99999999999")) {
                ConsumerRecord<String, byte[]> record = record(OrderTopics.FAIR_OPEN, JUNK);
                with(record, OrderTopics.HEADER_ORDER_ID, order.id());
                with(record, OrderTopics.HEADER_REPLY_TOPIC, topic);
                with(record, OrderTopics.HEADER_REPLY_PARTITION, partition);
                assertThat(letters.setAside(record, "why")).contains(order.id());
                with(record, OrderTopics.HEADER_REPLY_PARTITION, 0);
                with(record, "traceparent", null);
                assertThat(letters.setAside(record, "why")).contains(order.id());
            }
        }
        verify(replies, never()).send(any(), any(ReplyAddress.class), any());
    }

    @Test
    void garbageThatNamesNoOrderOrTwoIsALetterAndNothingElse() {
        assertThat(letters.setAside(record(OrderTopics.FAIR, null), "why")).isEmpty();
        ConsumerRecord<String, byte[]> two = record(OrderTopics.FAIR, JUNK);
        with(with(two, OrderTopics.HEADER_ORDER_ID, UUID.randomUUID()), OrderTopics.HEADER_ORDER_ID, order.id());
        assertThat(letters.setAside(two, "why")).isEmpty();
        ConsumerRecord<String, byte[]> theirs = record(OrderTopics.FAIR, OrderJson.write(order));
        assertThat(letters.setAside(with(theirs, OrderTopics.HEADER_INSTALLATION, UUID.randomUUID()), "why"))
                .isEmpty();
        noOutcome();
        assertThat(counted(OrderTopics.FAIR)).isEqualTo(3);
    }

    @Test
    void anOrderThatAnotherRecordBroughtIsDecidedByThatRecord() {
        ConsumerRecord<String, byte[]> junk =
                with(record(OrderTopics.FAIR, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        when(line.standing(order.id()))
                .thenReturn(CompletableFuture.completedStage(Optional.of(new TicketedOrder(order, TICKET))));
        assertThat(letters.setAside(junk, "why")).isEmpty();
        noOutcome();
        with(junk, OrderTopics.HEADER_TICKET, TICKET);
        with(junk, OrderTopics.HEADER_INSTALLATION, installation.id());
        assertThat(letters.setAside(junk, "why"))
                .as("any producer can write the ticket")
                .isEmpty();
        noOutcome();
        with(junk, OrderTopics.HEADER_TICKET_MAC, new String(new TicketMac(installation).of(TICKET, JUNK), UTF_8));
        assertThat(letters.setAside(junk, "why")).as("it brings the ticket").contains(order.id());

        kept.keep(new TopicPartition(OrderTopics.FAIR, 0), 1, order);
        assertThat(letters.setAside(junk, "why")).as("this worker has it").isEmpty();
    }

    /** With the headers of a letter a record may be larger than the broker takes: no retry can help. */
    @Test
    void aRecordThatIsTooLargeForItsLetterIsDealtWith() {
        ConsumerRecord<String, byte[]> record =
                with(record(OrderTopics.FAIR_OPEN, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        ProducerRecord<String, byte[]> sent = new ProducerRecord<>("any", new byte[0]);
        when(kafka.send(anyRecord()))
                .thenReturn(CompletableFuture.failedFuture(
                        new KafkaProducerException(sent, "failed", new RecordTooLargeException())))
                .thenThrow(new KafkaException("Send failed", new RecordTooLargeException()));
        assertThat(letters.setAside(record, "why")).contains(order.id());
        assertThat(letters.setAside(record, "why")).contains(order.id());
        assertThat(counted(OrderTopics.FAIR_OPEN)).isEqualTo(2);
    }

    @Test
    void aServerThatIsDownLeavesTheRecordToBeDealtWith() {
        ConsumerRecord<String, byte[]> record =
                with(record(OrderTopics.FAIR_OPEN, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        ProducerRecord<String, byte[]> sent = new ProducerRecord<>("any", new byte[0]);
        when(kafka.send(anyRecord()))
                .thenReturn(CompletableFuture.failedFuture(
                        new KafkaProducerException(sent, "failed", new TimeoutException("Expiring 1 record(s)"))));
        assertThatThrownBy(() -> letters.setAside(record, "why")).hasRootCauseInstanceOf(TimeoutException.class);
        noOutcome();
        assertThat(counted(OrderTopics.FAIR_OPEN)).isZero();
    }

    @Test
    void onlyFairOrdersNeedTheLine() {
        when(line.standing(any()))
                .thenReturn(CompletableFuture.failedStage(new java.util.concurrent.TimeoutException()));
        ConsumerRecord<String, byte[]> fair =
                with(record(OrderTopics.FAIR, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        assertThatThrownBy(() -> letters.setAside(fair, "why"))
                .hasRootCauseInstanceOf(java.util.concurrent.TimeoutException.class);
        noOutcome();
        ConsumerRecord<String, byte[]> distributed =
                with(record(OrderTopics.DISTRIBUTED, JUNK), OrderTopics.HEADER_ORDER_ID, order.id());
        assertThat(letters.setAside(distributed, "why")).contains(order.id());
        when(line.standing(any()))
                .thenReturn(CompletableFuture.failedStage(new IllegalStateException("of another build")));
        assertThat(letters.setAside(fair, "why")).contains(order.id());
    }
}

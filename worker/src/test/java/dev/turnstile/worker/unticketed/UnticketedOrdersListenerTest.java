package dev.turnstile.worker.unticketed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.line.Draw;
import dev.turnstile.line.LineCounters;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.RequestKey;
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
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.ReplySender;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.springframework.kafka.core.KafkaTemplate;

/** Its pauses, its order and its offsets, on a clock that is moved by hand. */
class UnticketedOrdersListenerTest {

    private static final TopicPartition P0 = new TopicPartition(OrderTopics.FAIR_OPEN, 0);
    private static final TopicPartition P1 = new TopicPartition(OrderTopics.FAIR_OPEN, 1);

    private final Line line = new Line();
    private final Map<UUID, Decision> decisions = new HashMap<>();
    private final Ledger ledger = mock();
    private final ReplySender replies = mock();
    private final DeadLetters deadLetters = mock();
    private final MockProducer<String, byte[]> producer = new OpenProducer(true);
    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name());
    private static final Installation INSTALLATION = new Installation(UUID.randomUUID(), new byte[32]);

    private TopicAdmin.Topic source = new TopicAdmin.Topic(Uuid.randomUuid(), 2);
    private long nanos;
    private UnticketedOrdersListener listener;

    @BeforeEach
    void makeListener() {
        consumer.assign(List.of(P0, P1));
        when(ledger.find(ArgumentMatchers.<Collection<UUID>>any())).thenAnswer(call -> {
            Map<UUID, Decision> found = new HashMap<>(decisions);
            found.keySet().retainAll(call.<Collection<UUID>>getArgument(0));
            return found;
        });
        when(replies.send(any(), any())).thenReturn(CompletableFuture.completedFuture(null));
        listenTo(producer);
    }

    @Test
    void publishesEachOrderWithItsTicketUnderItsKeyAndWithItsHeaders() {
        Order keyed = order(7, 3);
        Order unkeyed = order(7, 3);
        ConsumerRecord<String, byte[]> first = record(P0, 4, "mine", keyed);
        first.headers().add("traceparent", bytes("00-1-2-01"));
        first.headers().add(OrderTopics.HEADER_TICKET, bytes("99"));
        first.headers().add(OrderTopics.HEADER_TICKET_MAC, bytes("x"));

        poll(List.of(first, record(P1, 9, null, unkeyed)));

        List<ProducerRecord<String, byte[]>> published = producer.history();
        assertThat(published).extracting(ProducerRecord::topic).containsOnly(OrderTopics.FAIR);
        assertThat(published).extracting(ProducerRecord::key).containsExactly("mine", "3");
        assertThat(published)
                .extracting(ProducerRecord::value)
                .containsExactly(first.value(), OrderJson.write(unkeyed));
        assertThat(published)
                .extracting(record -> header(record, OrderTopics.HEADER_TICKET))
                .as("the one that was drawn, and no other")
                .containsExactly("1", "2");
        assertThat(published)
                .extracting(record -> header(record, OrderTopics.HEADER_INSTALLATION))
                .as("whose tickets these are")
                .containsOnly(INSTALLATION.id().toString());
        assertThat(published)
                .extracting(record -> header(record, OrderTopics.HEADER_TICKET_MAC))
                .containsExactly(
                        mac(1, first),
                        new String(new TicketMac(INSTALLATION).of(new Ticket(2), OrderJson.write(unkeyed)), UTF_8));
        assertThat(header(published.get(0), "traceparent")).isEqualTo("00-1-2-01");
        assertThat(header(published.get(1), OrderTopics.HEADER_ORDER_ID))
                .isEqualTo(unkeyed.id().toString());
        assertThat(committed()).isEqualTo(Map.of(P0, 5L, P1, 10L));
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void aFullLinePausesAndNothingIsLostSkippedOrOvertaken() {
        line.room = 2;
        List<Order> orders = orders(5);
        poll(records(P0, 0, orders));
        assertThat(tickets())
                .isEqualTo(Map.of(orders.get(0).id(), 1L, orders.get(1).id(), 2L));
        assertThat(committed()).isEqualTo(Map.of(P0, 2L));
        assertThat(consumer.paused()).containsOnly(P0, P1);

        line.room = 100;
        idle(UnticketedOrdersListener.SHORTEST_PAUSE.toMillis() - 1);
        assertThat(consumer.paused()).as("not yet").isNotEmpty();
        idle(1);
        assertThat(tickets().keySet())
                .containsExactlyElementsOf(orders.stream().map(Order::id).toList());
        assertThat(tickets().values()).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(consumer.paused()).isEmpty();
        idle(100);
        assertThat(committed()).isEqualTo(Map.of(P0, 5L));
    }

    @Test
    void pausesGrowUpToABoundAndAreShortAgainAfterProgress() {
        line.room = 0;
        poll(records(P0, 0, orders(3)));
        assertThat(millisUntilDraw()).isEqualTo(100);
        assertThat(millisUntilDraw()).isEqualTo(200);
        assertThat(millisUntilDraw()).isEqualTo(400);
        assertThat(millisUntilDraw()).isEqualTo(800);
        assertThat(millisUntilDraw()).isEqualTo(1000);
        assertThat(millisUntilDraw()).isEqualTo(1000);
        line.room = 1;
        millisUntilDraw();
        assertThat(tickets()).hasSize(1);
        assertThat(millisUntilDraw()).isEqualTo(100);
    }

    @Test
    void partitionsThatComeDuringAPauseArePausedTooAndResumedWithTheOthers() {
        line.room = 0;
        consumer.assign(List.of(P0));
        poll(List.of(record(P0, 0, "k", order(1))));
        consumer.assign(List.of(P0, P1));
        consumer.pause(List.of(P0)); // as a cooperative rebalance leaves it
        poll(List.of(record(P1, 0, "k", order(1))));
        assertThat(consumer.paused()).containsOnly(P0, P1);

        line.room = 100;
        idle(1000);
        assertThat(consumer.paused()).isEmpty();
        assertThat(tickets()).hasSize(2);
    }

    @Test
    void ordersOfPartitionsThatAreGoneAreNotHandedOnFromHere() {
        line.room = 0;
        Order stays = order(1);
        poll(List.of(record(P0, 0, "k", order(1)), record(P1, 0, "k", stays)));
        listener.onPartitionsRevokedBeforeCommit(consumer, Set.of(P0));
        line.room = 100;
        idle(1000);
        assertThat(tickets()).containsOnlyKeys(stays.id());
        assertThat(committed()).isEqualTo(Map.of(P1, 1L));

        line.room = 0;
        poll(List.of(record(P1, 1, "k", order(1))));
        listener.onPartitionsLost(consumer, Set.of(P1));
        line.room = 100;
        idle(1000);
        assertThat(tickets()).containsOnlyKeys(stays.id());
        assertThat(committed()).isEqualTo(Map.of(P1, 1L));
    }

    @Test
    void positionsAreCommittedBeforePartitionsGo() {
        poll(List.of(record(P0, 0, "k", order(1))));
        poll(List.of(record(P0, 1, "k", order(1))));
        assertThat(committed()).as("the second is not due yet").isEqualTo(Map.of(P0, 1L));
        listener.onPartitionsRevokedBeforeCommit(consumer, Set.of(P0));
        assertThat(committed()).isEqualTo(Map.of(P0, 2L));
    }

    @Test
    void aDecidedOrderDrawsNoTicketAndIsAnsweredFromTheLedger() {
        Order again = order(1);
        Order fresh = order(1);
        Decision decision = new Decision(again.id(), Mode.FAIR, 1L, new Outcome.Cancelled(), Instant.EPOCH);
        decisions.put(again.id(), decision);

        poll(List.of(record(P0, 0, "k", again), record(P0, 1, "k", fresh)));

        assertThat(tickets()).containsOnlyKeys(fresh.id());
        verify(replies).send(decision, again.replyTo());
        assertThat(committed()).isEqualTo(Map.of(P0, 2L));
    }

    @Test
    void whatCannotBeAFairOrderIsSetAsideInItsTurn() {
        line.room = 0;
        Order distributed =
                new Order(UUID.randomUUID(), Mode.DISTRIBUTED, List.of(new OrderLine(1, 1)), Instant.EPOCH, null, null);
        ConsumerRecord<String, byte[]> wrongMode = record(P0, 1, "k", distributed);
        poll(List.of(record(P0, 0, "k", order(1)), wrongMode, record(P0, 2, "k", order(1))));
        verify(deadLetters, never()).setAside(any(), any());

        line.room = 100;
        idle(1000);
        verify(deadLetters).setAside(wrongMode, "it is not a fair order: send it to orders.distributed");
        ConsumerRecord<String, byte[]> noJson =
                new ConsumerRecord<>(P0.topic(), P0.partition(), 3, "k", bytes("no json"));
        ConsumerRecord<String, byte[]> nothing = new ConsumerRecord<>(P0.topic(), P0.partition(), 4, "k", null);
        poll(List.of(noJson, nothing));
        verify(deadLetters).setAside(eq(noJson), any());
        verify(deadLetters).setAside(eq(nothing), any());
        idle(100);
        assertThat(committed()).isEqualTo(Map.of(P0, 5L));
    }

    @Test
    void whatMightNotFitOnTheOtherTopicIsSetAside() {
        ConsumerRecord<String, byte[]> large = record(P0, 0, "k", order(1));
        large.headers().add("ballast", new byte[OrderRecords.LARGEST]);
        ConsumerRecord<String, byte[]> fits = record(P0, 1, "k", order(1));
        fits.headers().add("ballast", new byte[OrderRecords.LARGEST / 2]);
        poll(List.of(large, fits));
        verify(deadLetters).setAside(eq(large), contains("an order has at most 65536"));
        assertThat(tickets()).hasSize(1);
    }

    /** A topic may take less than a record has that came without a ticket. No retry can help. */
    @Test
    void whatTheOtherTopicNeverTakesIsSetAsideAndGivesItsTicketBack() {
        MockProducer<String, byte[]> small = new OpenProducer(true) {
            @Override
            public synchronized Future<RecordMetadata> send(
                    ProducerRecord<String, byte[]> record, @Nullable Callback callback) {
                if (record.headers().lastHeader("ballast") == null) {
                    return super.send(record, callback);
                }
                if (record.headers().lastHeader("ballast").value().length == 1) {
                    throw new RecordTooLargeException("larger than max.request.size");
                }
                requireNonNull(callback).onCompletion(null, new RecordTooLargeException("than max.message.bytes"));
                return CompletableFuture.failedFuture(new RecordTooLargeException());
            }
        };
        listenTo(small);
        List<ConsumerRecord<String, byte[]>> batch = records(P0, 0, orders(4));
        batch.get(0).headers().add("ballast", new byte[1]);
        batch.get(2).headers().add("ballast", new byte[2]);
        poll(batch);
        idle(100);
        verify(deadLetters).setAside(batch.get(0), UnticketedTopic.TOO_LARGE);
        verify(deadLetters).setAside(batch.get(2), UnticketedTopic.TOO_LARGE);
        assertThat(line.cancelled).hasSize(2);
        assertThat(small.history()).hasSize(2);
        assertThat(committed()).isEqualTo(Map.of(P0, 4L));
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void aServerThatIsAwayIsWaitedFor() {
        List<Order> orders = orders(3);
        doThrow(new IllegalStateException("the ledger is down"))
                .doReturn(Map.of())
                .when(ledger)
                .find(ArgumentMatchers.<Collection<UUID>>any());
        poll(records(P0, 0, orders));
        assertThat(consumer.paused()).isNotEmpty();
        assertThat(committed()).isEmpty();

        producer.sendException = new NotLeaderOrFollowerException("so is the broker");
        idle(1000);
        assertThat(committed()).isEmpty();
        producer.sendException = null;
        idle(1000);
        assertThat(tickets().values()).containsExactly(1L, 2L, 3L);
        assertThat(consumer.paused()).isEmpty();
        idle(100);
        assertThat(committed()).isEqualTo(Map.of(P0, 3L));
    }

    @Test
    void aRetryOfAnOrderDoesNotSetAsideTwiceWhatIsBehindIt() {
        MockProducer<String, byte[]> slow = new OpenProducer(false);
        listenTo(slow);
        ConsumerRecord<String, byte[]> unreadable =
                new ConsumerRecord<>(P0.topic(), P0.partition(), 1, "k", bytes("no json"));
        CompletableFuture<Void> polled =
                CompletableFuture.runAsync(() -> poll(List.of(record(P0, 0, "k", order(1)), unreadable)));
        await().until(() -> slow.history().size() == 1);
        slow.errorNext(new NotLeaderOrFollowerException("the broker is gone"));
        polled.join();
        verify(deadLetters, never()).setAside(any(), any());

        CompletableFuture<Void> again = CompletableFuture.runAsync(() -> idle(1000));
        await().until(() -> slow.history().size() == 2);
        slow.completeNext();
        again.join();
        verify(deadLetters).setAside(eq(unreadable), any());
    }

    @Test
    void whatWaitsOfATopicThatWasMadeAnewIsHandedOnAndIsNoPosition() {
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
        line.room = 2;
        poll(records(P0, 100, orders(3)));
        assertThat(committed()).isEqualTo(Map.of(P0, 102L));

        source = new TopicAdmin.Topic(Uuid.randomUuid(), 2);
        idle(1000);
        assertThat(consumer.position(P0)).isZero();
        line.room = 100;
        idle(UnticketedOrdersListener.LONGEST_PAUSE.toMillis());
        assertThat(tickets()).hasSize(3);
        assertThat(committed()).as("of the topic before").isEqualTo(Map.of(P0, 102L));

        poll(records(P0, 0, orders(2)));
        idle(1000);
        assertThat(committed()).isEqualTo(Map.of(P0, 2L));
    }

    @Test
    void nothingIsCommittedThatTheBrokerDoesNotHave() {
        MockProducer<String, byte[]> slow = new OpenProducer(false);
        listenTo(slow);
        CompletableFuture<Void> polled = CompletableFuture.runAsync(() -> poll(records(P0, 0, orders(2))));
        await().until(() -> slow.history().size() == 2);
        slow.completeNext();
        assertThat(polled).isNotDone();
        slow.errorNext(new NotLeaderOrFollowerException("the broker is gone"));
        polled.join();
        assertThat(committed()).isEqualTo(Map.of(P0, 1L));
    }

    private static String mac(long ticket, ConsumerRecord<String, byte[]> record) {
        return new String(new TicketMac(INSTALLATION).of(new Ticket(ticket), record.value()), UTF_8);
    }

    private void listenTo(MockProducer<String, byte[]> other) {
        UnticketedTopic topic = new UnticketedTopic(new KafkaTemplate<>(() -> other), INSTALLATION);
        listener = new UnticketedOrdersListener(
                new OrderRecords(INSTALLATION),
                () -> source,
                line,
                100,
                ledger,
                topic,
                replies,
                deadLetters,
                () -> nanos);
    }

    private void poll(List<ConsumerRecord<String, byte[]>> records) {
        listener.onMessage(records, consumer);
    }

    private void idle(long millis) {
        nanos += Duration.ofMillis(millis).toNanos();
        listener.onPolled(consumer);
    }

    private long millisUntilDraw() {
        int before = line.draws;
        return IntStream.rangeClosed(1, 5000)
                .filter(millis -> {
                    idle(1);
                    return line.draws > before;
                })
                .findFirst()
                .orElseThrow();
    }

    private Map<TopicPartition, Long> committed() {
        Map<TopicPartition, Long> positions = new HashMap<>();
        consumer.committed(Set.of(P0, P1)).forEach((partition, position) -> {
            if (position != null) {
                positions.put(partition, position.offset());
            }
        });
        return positions;
    }

    /** Of the published orders, in the order in which they were published first. */
    private Map<UUID, Long> tickets() {
        Map<UUID, Long> tickets = new LinkedHashMap<>();
        for (ProducerRecord<String, byte[]> record : producer.history()) {
            tickets.put(
                    UUID.fromString(header(record, OrderTopics.HEADER_ORDER_ID)),
                    Long.valueOf(header(record, OrderTopics.HEADER_TICKET)));
        }
        return tickets;
    }

    private static String header(ProducerRecord<?, ?> record, String name) {
        return Stream.of(record.headers().toArray())
                .filter(header -> header.key().equals(name))
                .map(header -> new String(header.value(), UTF_8))
                .collect(Collectors.joining(","));
    }

    private static List<ConsumerRecord<String, byte[]>> records(
            TopicPartition partition, long offset, List<Order> orders) {
        return IntStream.range(0, orders.size())
                .mapToObj(i -> record(partition, offset + i, "key", orders.get(i)))
                .toList();
    }

    private static ConsumerRecord<String, byte[]> record(
            TopicPartition partition, long offset, @Nullable String key, Order order) {
        return new ConsumerRecord<>(partition.topic(), partition.partition(), offset, key, OrderJson.write(order));
    }

    private static List<Order> orders(int count) {
        return Stream.generate(() -> order(1)).limit(count).toList();
    }

    private static Order order(long... productIds) {
        List<OrderLine> lines =
                Arrays.stream(productIds).mapToObj(id -> new OrderLine(id, 1)).toList();
        return new Order(UUID.randomUUID(), Mode.FAIR, lines, Instant.EPOCH, null, "run");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** Not closed by a template that takes it for its own. */
    private static class OpenProducer extends MockProducer<String, byte[]> {

        OpenProducer(boolean autoComplete) {
            super(autoComplete, null, new StringSerializer(), new ByteArraySerializer());
        }

        @Override
        public void close(Duration timeout) {}
    }

    /** Tickets 1, 2, 3, …, as many as there is room for; an order keeps its own. */
    private static final class Line implements TicketLine {

        private final Map<UUID, Ticket> tickets = new HashMap<>();
        private final List<UUID> cancelled = new ArrayList<>();
        private int room = 100;
        private int draws;

        @Override
        public CompletionStage<List<Ticket>> drawInTurn(List<Order> orders, int maxWaiting) {
            assertThat(maxWaiting).isEqualTo(100);
            draws++;
            List<Ticket> drawn = new ArrayList<>();
            for (Order order : orders) {
                if (!tickets.containsKey(order.id()) && tickets.size() < room) {
                    tickets.put(order.id(), new Ticket(tickets.size() + 1));
                }
                Ticket ticket = tickets.get(order.id());
                if (ticket == null) {
                    break;
                }
                drawn.add(ticket);
            }
            return CompletableFuture.completedStage(drawn);
        }

        @Override
        public CompletionStage<Ticket> draw(Order order) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Draw> draw(Order order, int room, @Nullable RequestKey key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<LineCounters> traffic() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Boolean> cancel(Order order) {
            return CompletableFuture.completedStage(cancelled.add(order.id()));
        }

        @Override
        public CompletionStage<Void> beat() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Optional<TicketedOrder>> standing(UUID orderId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> leave(TicketedOrder decided) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Optional<QueuePosition>> place(UUID orderId) {
            throw new UnsupportedOperationException();
        }
    }
}

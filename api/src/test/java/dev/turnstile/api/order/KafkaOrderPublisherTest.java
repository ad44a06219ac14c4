package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.api.order.FairProperties.PartitionKey;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.stock.Installation;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.springframework.kafka.core.KafkaTemplate;

class KafkaOrderPublisherTest {

    private static final Installation INSTALLATION = new Installation(UUID.randomUUID(), new byte[32]);

    private static KafkaOrderPublisher publisher(PartitionKey fairKey) {
        return new KafkaOrderPublisher(mock(), INSTALLATION, fairKey, 1, () -> 0, Duration.ZERO);
    }

    private static Map<String, String> headers(ProducerRecord<String, byte[]> message) {
        return StreamSupport.stream(message.headers().spliterator(), false)
                .collect(Collectors.toMap(header -> header.key(), header -> new String(header.value(), UTF_8)));
    }

    @Test
    void aFairOrderCarriesItsTicketAndIsKeyedByLowestProduct() throws Exception {
        Order order = FakeBackends.order(Mode.FAIR);
        ProducerRecord<String, byte[]> message = publisher(PartitionKey.PRODUCT).record(order, new Ticket(42));
        assertThat(message.topic()).isEqualTo("orders.fair");
        assertThat(message.key()).isEqualTo("1");
        assertThat(message.timestamp()).isEqualTo(order.acceptedAt().toEpochMilli());
        assertThat(OrderJson.readOrder(message.value())).isEqualTo(order);
        assertThat(headers(message))
                .isEqualTo(Map.of(
                        "order-id",
                        order.id().toString(),
                        "correlation-id",
                        order.id().toString(),
                        "installation",
                        INSTALLATION.id().toString(),
                        "ticket",
                        "42",
                        "ticket-mac",
                        new String(new TicketMac(INSTALLATION).of(new Ticket(42), message.value()), UTF_8),
                        "reply-topic",
                        "orders.replies",
                        "reply-partition",
                        "0"));
    }

    @Test
    void aTracedOrderCarriesItsTraceInTheHeaderToo() throws Exception {
        Order order = FakeBackends.order(Mode.FAIR).traced("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        ProducerRecord<String, byte[]> message = publisher(PartitionKey.PRODUCT).record(order, new Ticket(42));
        assertThat(headers(message)).containsEntry("traceparent", order.traceParent());
        assertThat(OrderJson.readOrder(message.value())).isEqualTo(order);
    }

    @Test
    void aFairOrderMayBeKeyedByItself() {
        Order order = FakeBackends.order(Mode.FAIR);
        assertThat(publisher(PartitionKey.ORDER).record(order, new Ticket(42)).key())
                .isEqualTo(order.id().toString());
    }

    @Test
    void aDistributedOrderIsKeyedByItselfAndHasNoTicket() {
        Order order = FakeBackends.order(Mode.DISTRIBUTED);
        ProducerRecord<String, byte[]> message = publisher(PartitionKey.PRODUCT).record(order, null);
        assertThat(message.topic()).isEqualTo("orders.distributed");
        assertThat(message.key()).isEqualTo(order.id().toString());
        assertThat(headers(message)).doesNotContainKey("ticket");
    }

    @Test
    void whatGathersGoesWhenHalfOfThoseOnTheirWayAreThere() {
        AtomicInteger sent = new AtomicInteger();
        KafkaTemplate<String, byte[]> kafka = mock();
        when(kafka.send(ArgumentMatchers.<ProducerRecord<String, byte[]>>any())).thenAnswer(sending -> {
            sent.incrementAndGet();
            return new CompletableFuture<>();
        });
        int onTheirWay = 20_000; // for which a batch gathers for up to 40 s
        KafkaOrderPublisher publisher = new KafkaOrderPublisher(
                kafka, INSTALLATION, PartitionKey.PRODUCT, onTheirWay, () -> onTheirWay, Duration.ofMinutes(1));
        publisher.start();
        try {
            publish(publisher, 1);
            await().untilAsserted(
                            () -> assertThat(sent).as("the first goes at once").hasValue(1));
            publish(publisher, onTheirWay / 2 - 1);
            assertThat(sent).as("further ones gather").hasValue(1);
            publish(publisher, 1);
            await().untilAsserted(() -> assertThat(sent).hasValue(1 + onTheirWay / 2));
        } finally {
            publisher.stop();
        }
    }

    private static void publish(KafkaOrderPublisher publisher, int times) {
        for (int i = 0; i < times; i++) {
            CompletionStage<?> published = publisher.publish(FakeBackends.order(Mode.FAIR), new Ticket(42));
            assertThat(published).as("queued").isNotCompleted();
        }
    }
}

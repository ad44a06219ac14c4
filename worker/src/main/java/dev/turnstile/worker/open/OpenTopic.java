package dev.turnstile.worker.open;

import dev.turnstile.line.Ticket;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Hands records on between the topic of fair orders without a ticket and that of fair orders with one. Value, key and all
 * headers go along.
 */
@Component
public class OpenTopic {

    private final KafkaTemplate<String, byte[]> kafka;
    private final Installation installation;

    OpenTopic(KafkaTemplate<String, byte[]> kafka, Installation installation) {
        this.kafka = kafka;
        this.installation = installation;
    }

    /**
     * Hands a record without a ticket on to where one is drawn for it.
     *
     * @return completes when the broker has it
     */
    public CompletableFuture<Void> receive(ConsumerRecord<String, byte[]> record, Order order) {
        return send(OrderTopics.FAIR_OPEN, record, order, null);
    }

    /** The record of an order that was given a ticket. The same as for {@link #receive}. */
    CompletableFuture<Void> publish(ConsumerRecord<String, byte[]> record, Order order, Ticket ticket) {
        return send(OrderTopics.FAIR, record, order, ticket);
    }

    private CompletableFuture<Void> send(
            String topic, ConsumerRecord<String, byte[]> record, Order order, @Nullable Ticket ticket) {
        String key = record.key() != null
                ? record.key()
                : Long.toString(order.productIds().get(0));
        ProducerRecord<String, byte[]> copy = new ProducerRecord<>(topic, null, key, record.value(), record.headers());
        Headers headers = copy.headers().remove(OrderTopics.HEADER_TICKET);
        if (ticket != null) {
            headers.add(OrderTopics.HEADER_TICKET, bytes(ticket));
            headers.remove(OrderTopics.HEADER_INSTALLATION);
            headers.add(OrderTopics.HEADER_INSTALLATION, bytes(installation.id()));
        }
        if (headers.lastHeader(OrderTopics.HEADER_ORDER_ID) == null) {
            // whoever finds the record unreadable can answer it
            UUID orderId = order.id();
            headers.add(OrderTopics.HEADER_ORDER_ID, bytes(orderId));
        }
        try {
            return kafka.send(copy).thenAccept(sent -> {});
        } catch (RuntimeException e) { // too large, or the producer is closed
            return CompletableFuture.failedFuture(e);
        }
    }

    private static byte[] bytes(Object value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }
}

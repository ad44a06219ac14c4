package dev.turnstile.worker.unticketed;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Installation;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Hands records on between the topic of fair orders without a ticket and that of fair orders with one. Value, key and
 * all headers go along. A record without a ticket does not grow on its way to where one is drawn: what may come there
 * is bounded.
 */
@Component
public class UnticketedTopic {

    /** Why a record is dead-lettered that can't be handed on. */
    public static final String TOO_LARGE = "it is larger than its topic takes with a ticket";

    private final KafkaTemplate<String, byte[]> kafka;
    private final Installation installation;
    private final TicketMac macs;

    UnticketedTopic(KafkaTemplate<String, byte[]> kafka, Installation installation) {
        this.kafka = kafka;
        this.installation = installation;
        this.macs = new TicketMac(installation);
    }

    /**
     * Hands a record without a ticket on to where one is drawn for it.
     *
     * @return completes when the broker has it
     */
    public CompletableFuture<Void> receive(ConsumerRecord<String, byte[]> record) {
        return send(copy(OrderTopics.FAIR_OPEN, record.key(), record));
    }

    /** Publishes the record of an order that was given a ticket. The same as for {@link #receive}. */
    CompletableFuture<Void> publish(ConsumerRecord<String, byte[]> record, Order order, Ticket ticket) {
        String key = record.key() != null
                ? record.key()
                : Long.toString(order.productIds().get(0));
        ProducerRecord<String, byte[]> copy = copy(OrderTopics.FAIR, key, record);
        Headers headers = copy.headers()
                .add(OrderTopics.HEADER_TICKET, bytes(ticket))
                .add(OrderTopics.HEADER_TICKET_MAC, macs.of(ticket, record.value()))
                .remove(OrderTopics.HEADER_INSTALLATION)
                .add(OrderTopics.HEADER_INSTALLATION, bytes(installation.id()));
        if (headers.lastHeader(OrderTopics.HEADER_ORDER_ID) == null) {
            // a worker of another build that can't read the record can answer it
            headers.add(OrderTopics.HEADER_ORDER_ID, bytes(order.id()));
        }
        return send(copy);
    }

    private static ProducerRecord<String, byte[]> copy(
            String topic, @Nullable String key, ConsumerRecord<String, byte[]> record) {
        ProducerRecord<String, byte[]> copy = new ProducerRecord<>(topic, null, key, record.value(), record.headers());
        copy.headers().remove(OrderTopics.HEADER_TICKET).remove(OrderTopics.HEADER_TICKET_MAC);
        return copy;
    }

    private CompletableFuture<Void> send(ProducerRecord<String, byte[]> copy) {
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

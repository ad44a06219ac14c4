package dev.turnstile.local.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts orders where an API would put them: draws the tickets of fair ones and publishes all, keyed by lowest product or
 * by order id. Their answers go to a partition of the reply topic that no API reads, so workers do their whole work.
 */
final class OrderFeed implements AutoCloseable {

    /** Where the answers of orders go that are fed here: the last of the twelve partitions, which no API has here. */
    static final ReplyAddress NOBODY = new ReplyAddress(OrderTopics.REPLIES, 11);

    private final TicketLine line;
    private final byte[] installation;
    private final TicketMac macs;
    private final boolean keyedByOrder;
    private final KafkaProducer<String, byte[]> producer;

    OrderFeed(String kafka, LineAccess access, boolean keyedByOrder) {
        this.line = access.line();
        this.installation = access.installation().id().toString().getBytes(UTF_8);
        this.macs = new TicketMac(access.installation());
        this.keyedByOrder = keyedByOrder;
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        kafka,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        2,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        65_536),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /**
     * Publishes orders, all of one mode, in their order. Returns when the broker has them.
     *
     * @throws ExecutionException if it does not take one
     */
    void publish(List<Order> orders) throws InterruptedException, ExecutionException {
        List<CompletionStage<Ticket>> tickets = new ArrayList<>(orders.size());
        for (Order order : orders) {
            if (order.mode() == Mode.FAIR) {
                tickets.add(line.draw(order));
            }
        }
        List<Future<?>> sent = new ArrayList<>(orders.size());
        for (int i = 0; i < orders.size(); i++) {
            Ticket ticket = tickets.isEmpty()
                    ? null
                    : tickets.get(i).toCompletableFuture().get();
            sent.add(producer.send(record(orders.get(i), ticket)));
        }
        producer.flush();
        for (Future<?> each : sent) {
            each.get();
        }
    }

    private ProducerRecord<String, byte[]> record(Order order, @Nullable Ticket ticket) {
        boolean fair = order.mode() == Mode.FAIR;
        String key = fair && !keyedByOrder
                ? order.productIds().get(0).toString()
                : order.id().toString();
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(fair ? OrderTopics.FAIR : OrderTopics.DISTRIBUTED, key, OrderJson.write(order));
        record.headers().add(OrderTopics.HEADER_ORDER_ID, order.id().toString().getBytes(UTF_8));
        record.headers().add(OrderTopics.HEADER_INSTALLATION, installation);
        if (ticket != null) {
            record.headers().add(OrderTopics.HEADER_TICKET, ticket.toString().getBytes(UTF_8));
            record.headers().add(OrderTopics.HEADER_TICKET_MAC, macs.of(ticket, record.value()));
        }
        return record;
    }

    @Override
    public void close() {
        producer.close();
    }
}

package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.api.order.FairProperties.PartitionKey;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketMac;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.stock.Installation;
import dev.turnstile.trace.TraceParent;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.core.KafkaTemplate;

/**
 * Publishes to the topic of the order's mode. {@code KafkaProducer.send} blocks while it has no metadata or no memory,
 * so it is called on one thread of its own with a bounded queue: neither Tomcat's threads nor those of the Redis client
 * ever wait for a broker. An order that stood in that queue for too long fails without being sent. It sends in batches,
 * as {@link PublishBatching} says.
 */
final class KafkaOrderPublisher implements OrderPublisher, SmartLifecycle {

    private static final Duration LONGEST_IN_QUEUE = Duration.ofSeconds(5);

    /** How often the sender looks how many orders have gathered. */
    private static final long LOOK_NANOS = Duration.ofMillis(2).toNanos();

    private final KafkaTemplate<String, byte[]> kafka;
    private final byte[] installation;
    private final TicketMac macs;
    private final PartitionKey fairKey;
    private final ThreadPoolExecutor sender;
    private final IntSupplier waiting;
    private final PublishBatching gathering;
    private volatile boolean running;

    /**
     * @param installation named with each order
     * @param queueLimit most orders that wait to be sent
     * @param waiting how many requests wait for an outcome, those whose orders are not sent yet among them
     * @param gatherLimit longest time between two batches while there are orders; 0 makes none
     */
    KafkaOrderPublisher(
            KafkaTemplate<String, byte[]> kafka,
            Installation installation,
            PartitionKey fairKey,
            int queueLimit,
            IntSupplier waiting,
            Duration gatherLimit) {
        this.kafka = kafka;
        this.installation = installation.id().toString().getBytes(UTF_8);
        this.macs = new TicketMac(installation);
        this.fairKey = fairKey;
        this.waiting = waiting;
        this.gathering = new PublishBatching(gatherLimit, System.nanoTime());
        this.sender = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueLimit),
                work -> new Thread(work, "order-publisher"));
    }

    @Override
    public CompletionStage<?> publish(Order order, @Nullable Ticket ticket) {
        CompletableFuture<@Nullable Void> published = new CompletableFuture<>();
        ProducerRecord<String, byte[]> message = record(order, ticket);
        long queuedAt = System.nanoTime();
        try {
            sender.execute(() -> {
                awaitTurn();
                if (System.nanoTime() - queuedAt > LONGEST_IN_QUEUE.toNanos()) {
                    published.completeExceptionally(new TimeoutException("not sent in time; the broker is too slow"));
                } else {
                    send(message, published);
                }
            });
        } catch (RejectedExecutionException e) {
            published.completeExceptionally(e);
        }
        return published;
    }

    private void awaitTurn() {
        int behind = sender.getQueue().size();
        long delay = delay(behind);
        while (running && delay > 0) {
            LockSupport.parkNanos(Math.min(delay, LOOK_NANOS));
            behind = sender.getQueue().size();
            delay = delay(behind);
        }
        gathering.goes(System.nanoTime(), behind);
    }

    private long delay(int behind) {
        return gathering.delay(System.nanoTime(), waiting.getAsInt(), 1 + behind);
    }

    private void send(ProducerRecord<String, byte[]> message, CompletableFuture<@Nullable Void> published) {
        try {
            CompletionStage<?> sending = kafka.send(message);
            sending.whenComplete((sent, failure) -> {
                if (failure == null) {
                    published.complete(null);
                } else {
                    published.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            published.completeExceptionally(e);
        }
    }

    ProducerRecord<String, byte[]> record(Order order, @Nullable Ticket ticket) {
        boolean fair = order.mode() == Mode.FAIR;
        String key = fair && fairKey == PartitionKey.PRODUCT
                ? Long.toString(order.lines().get(0).productId())
                : order.id().toString();
        ProducerRecord<String, byte[]> message = new ProducerRecord<>(
                fair ? OrderTopics.FAIR : OrderTopics.DISTRIBUTED,
                null,
                order.acceptedAt().toEpochMilli(),
                key,
                OrderJson.write(order));
        header(message, OrderTopics.HEADER_ORDER_ID, order.id());
        header(message, OrderTopics.HEADER_CORRELATION_ID, order.id());
        message.headers().add(OrderTopics.HEADER_INSTALLATION, installation);
        if (ticket != null) {
            header(message, OrderTopics.HEADER_TICKET, ticket);
            message.headers().add(OrderTopics.HEADER_TICKET_MAC, macs.of(ticket, message.value()));
        }
        header(message, TraceParent.HEADER, order.traceParent());
        ReplyAddress replyTo = order.replyTo();
        if (replyTo != null) {
            header(message, OrderTopics.HEADER_REPLY_TOPIC, replyTo.topic());
            header(message, OrderTopics.HEADER_REPLY_PARTITION, replyTo.partition());
        }
        return message;
    }

    private static void header(ProducerRecord<String, byte[]> message, String name, @Nullable Object value) {
        if (value != null) {
            message.headers().add(name, value.toString().getBytes(UTF_8));
        }
    }

    /** Fetches the metadata of both topics, so that the first order does not have to. */
    @Override
    public void start() {
        kafka.partitionsFor(OrderTopics.FAIR);
        kafka.partitionsFor(OrderTopics.DISTRIBUTED);
        running = true;
    }

    /** Sends what is queued and takes nothing more. */
    @Override
    public void stop() {
        running = false;
        sender.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return ReplyReader.PHASE; // runs before the web server opens and until it is closed
    }
}

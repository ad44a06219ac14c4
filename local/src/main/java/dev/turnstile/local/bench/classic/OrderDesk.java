package dev.turnstile.local.bench.classic;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes orders and waits for their replies. Every server reads all replies and keeps those that it waits for. */
final class OrderDesk implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OrderDesk.class);

    private static final Duration WAIT_LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Producer<String, byte[]> orders;
    private final KafkaConsumer<String, byte[]> replies;
    private final Map<UUID, CompletableFuture<Decision>> waiting = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::readReplies, "classic-replies");
    private volatile boolean closed;

    /** Waits until it has reached the end of the replies; the caller closes the producer. */
    OrderDesk(String kafka, Producer<String, byte[]> orders) {
        this.orders = orders;
        this.replies = new KafkaConsumer<>(ClassicTopics.consumerProperties(kafka));
        TopicPartition partition = new TopicPartition(ClassicTopics.REPLIES, 0);
        replies.assign(List.of(partition));
        replies.seekToEnd(List.of(partition));
        long end = replies.position(partition);
        log.debug("replies are read from {}", end);
        // The first order must not wait until the producer knows the topics.
        orders.partitionsFor(ClassicTopics.FAIR);
        orders.partitionsFor(ClassicTopics.DISTRIBUTED);
        thread.start();
    }

    /**
     * Orders and waits.
     *
     * @return fails with a {@link java.util.concurrent.TimeoutException} when no reply came in 30 s
     */
    CompletableFuture<Decision> order(Mode mode, List<OrderLine> lines) {
        Order order = new Order(UuidCreator.getTimeOrderedEpoch(), mode, lines, Instant.now(), null, null);
        CompletableFuture<Decision> reply = new CompletableFuture<>();
        waiting.put(order.id(), reply);
        Future<?> unused = orders.send(
                new ProducerRecord<>(ClassicTopics.of(mode), order.id().toString(), OrderJson.write(order)),
                (metadata, failure) -> {
                    if (failure != null) {
                        reply.completeExceptionally(failure);
                    }
                });
        return reply.orTimeout(WAIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((decision, failure) -> waiting.remove(order.id()));
    }

    private void readReplies() {
        try (replies) {
            while (!closed) {
                replies.poll(POLL).forEach(message -> deliver(message.value()));
            }
        } catch (WakeupException e) {
            // it is being closed
        }
    }

    private void deliver(byte[] json) {
        try {
            Decision decision = OrderJson.readDecision(json);
            CompletableFuture<Decision> reply = waiting.get(decision.orderId());
            if (reply != null) {
                reply.complete(decision);
            }
        } catch (OrderJson.UnreadableMessageException e) {
            log.warn("skipped a message that is not a reply", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        replies.wakeup();
        try {
            thread.join(POLL.toMillis() * 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

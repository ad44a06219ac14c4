package dev.turnstile.local.bench.classic;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes orders and has all of them served at once, as asynchronous handlers do: it begins every order as soon as it
 * is read, waits for none, and limits nothing. Offsets are committed by time, whether an order is done or not.
 */
final class OrderReader implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OrderReader.class);

    private static final String GROUP = "classic-workers";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LAST_ORDERS = Duration.ofSeconds(5);

    private final Shop shop;
    private final Producer<String, byte[]> replies;
    private final KafkaConsumer<String, byte[]> consumer;
    private final CountDownLatch assigned = new CountDownLatch(1);
    private final AtomicInteger underWay = new AtomicInteger();
    private final Thread thread = new Thread(this::readAll, "classic-orders");
    private volatile boolean closed;

    /** Begins to read; shop and producer are the caller's to close. */
    OrderReader(String kafka, Shop shop, Producer<String, byte[]> replies) {
        this.shop = shop;
        this.replies = replies;
        Properties properties = ClassicTopics.consumerProperties(kafka);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        this.consumer = new KafkaConsumer<>(properties);
        thread.start();
    }

    /** Waits until it has partitions, for so long. */
    boolean awaitAssignment(Duration patience) throws InterruptedException {
        return assigned.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void readAll() {
        try (consumer) {
            consumer.subscribe(List.of(ClassicTopics.FAIR, ClassicTopics.DISTRIBUTED), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    if (!partitions.isEmpty()) {
                        assigned.countDown();
                    }
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
            });
            while (!closed) {
                consumer.poll(POLL).forEach(message -> begin(message.value()));
            }
        } catch (WakeupException e) {
            // it is being closed
        }
    }

    private void begin(byte[] json) {
        Order order;
        try {
            order = OrderJson.readOrder(json);
        } catch (OrderJson.UnreadableMessageException e) {
            log.warn("skipped a message that is not an order", e);
            return;
        }
        underWay.incrementAndGet();
        CompletableFuture<Void> unused = shop.serve(order)
                .thenAccept(outcome -> reply(order, outcome))
                .whenComplete((sent, failure) -> underWay.decrementAndGet());
    }

    private void reply(Order order, Outcome outcome) {
        Decision decision = new Decision(order.id(), order.mode(), null, outcome, Instant.now());
        Future<?> unused = replies.send(
                new ProducerRecord<>(ClassicTopics.REPLIES, order.id().toString(), OrderJson.write(decision)));
    }

    /** Stops reading and gives the orders under way some seconds. */
    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join(LAST_ORDERS.toMillis());
            long deadline = System.nanoTime() + LAST_ORDERS.toNanos();
            while (underWay.get() > 0 && System.nanoTime() < deadline) {
                TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

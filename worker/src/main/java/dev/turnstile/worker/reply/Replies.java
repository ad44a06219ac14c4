package dev.turnstile.worker.reply;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.trace.TraceParent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Answers orders over the reply topic that each of them names. An address that does not exist holds up nobody: the outcome
 * stands in the ledger all the same.
 */
@Component
public class Replies {

    private static final Logger log = LoggerFactory.getLogger(Replies.class);

    /** How long a topic that does not exist is not asked for again: asking blocks for {@code max.block.ms}. */
    private static final Duration NOT_ASKED_AGAIN = Duration.ofSeconds(30);

    /** Names that are remembered at most; they come from whoever may write to the topics of orders. */
    private static final int MOST_MISSING = 1000;

    private final KafkaTemplate<String, byte[]> kafka;

    /** Topics that did not exist, and when they were asked for. */
    private final Map<String, Long> missing = new ConcurrentHashMap<>();

    Replies(KafkaTemplate<String, byte[]> kafka) {
        this.kafka = kafka;
    }

    /** The same for an order that is not traced. */
    public CompletableFuture<Void> send(Decision decision, @Nullable ReplyAddress to) {
        return send(decision, to, null);
    }

    /** The same for an order that was decided now. */
    public CompletableFuture<Void> send(Decision decision, @Nullable ReplyAddress to, @Nullable String traceParent) {
        return send(decision, to, traceParent, false);
    }

    /**
     * Sends an outcome to where it is awaited.
     *
     * @param to where, or null if nobody waits
     * @param traceParent where the order's trace stands, or null if it is not traced
     * @param before whether the order was decided before the record that is answered was processed
     * @return completes when the broker has it, and fails if it does not take it in time; the outcome stands in the ledger
     *     either way
     */
    public CompletableFuture<Void> send(
            Decision decision, @Nullable ReplyAddress to, @Nullable String traceParent, boolean before) {
        if (to == null) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            int partitions = partitions(to.topic());
            if (to.partition() >= partitions) {
                OrderLog.about(log.atWarn(), decision.orderId(), decision.ticket())
                        .log(
                                "order {} wants its answer on partition {} of {}, which has {}: not answered",
                                decision.orderId(),
                                to.partition(),
                                to.topic(),
                                partitions);
                return CompletableFuture.completedFuture(null);
            }
            String orderId = decision.orderId().toString();
            ProducerRecord<String, byte[]> reply =
                    new ProducerRecord<>(to.topic(), to.partition(), orderId, OrderJson.write(decision));
            reply.headers().add(OrderTopics.HEADER_CORRELATION_ID, orderId.getBytes(StandardCharsets.UTF_8));
            if (before) {
                reply.headers().add(OrderTopics.HEADER_DECIDED_BEFORE, new byte[0]);
            }
            if (traceParent != null) {
                reply.headers().add(TraceParent.HEADER, traceParent.getBytes(StandardCharsets.UTF_8));
            }
            return kafka.send(reply).thenAccept(sent -> {});
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** How many partitions a topic has, 0 if it does not exist. */
    private int partitions(String topic) {
        Long askedAt = missing.get(topic);
        if (askedAt != null && System.nanoTime() - askedAt < NOT_ASKED_AGAIN.toNanos()) {
            return 0;
        }
        try {
            int partitions = kafka.partitionsFor(topic).size();
            missing.remove(topic);
            return partitions;
        } catch (TimeoutException | InvalidTopicException e) {
            if (e instanceof TimeoutException && !(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e; // the broker does not answer
            }
            if (missing.size() >= MOST_MISSING) {
                missing.clear();
            }
            missing.put(topic, System.nanoTime());
            return 0;
        }
    }
}

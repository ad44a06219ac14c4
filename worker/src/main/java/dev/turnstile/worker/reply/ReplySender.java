package dev.turnstile.worker.reply;

import static java.util.Objects.requireNonNull;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.trace.TraceParent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/**
 * Answers orders over the reply topic that each of them names. An address that can't be answered holds up no order:
 * such an answer is counted, logged and dropped, and the outcome is in the ledger all the same. Only a broker that is
 * down makes an answer fail.
 */
@Component
public class ReplySender implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(ReplySender.class);

    private final KafkaTemplate<String, byte[]> kafka;
    private final ReplyTopics topics;
    private final MeterRegistry registry;
    private final AutoCloseable admin;

    @Autowired
    ReplySender(KafkaTemplate<String, byte[]> kafka, KafkaAdmin kafkaAdmin, MeterRegistry registry) {
        this(kafka, Admin.create(kafkaAdmin.getConfigurationProperties()), registry);
    }

    private ReplySender(KafkaTemplate<String, byte[]> kafka, Admin admin, MeterRegistry registry) {
        this(
                kafka,
                new ReplyTopics(
                        topic -> admin.describeTopics(List.of(topic))
                                .allTopicNames()
                                .toCompletionStage()
                                .thenApply(found -> requireNonNull(found.get(topic))
                                        .partitions()
                                        .size()),
                        System::nanoTime),
                registry,
                admin);
    }

    ReplySender(KafkaTemplate<String, byte[]> kafka, ReplyTopics topics, MeterRegistry registry, AutoCloseable admin) {
        this.kafka = kafka;
        this.topics = topics;
        this.registry = registry;
        this.admin = admin;
    }

    /** Answers an order that is not traced. */
    public CompletableFuture<Void> send(Decision decision, @Nullable ReplyAddress to) {
        return send(decision, to, null);
    }

    /** Answers an order that was decided now. */
    public CompletableFuture<Void> send(Decision decision, @Nullable ReplyAddress to, @Nullable String traceParent) {
        return send(decision, to, traceParent, false);
    }

    /**
     * Sends an outcome to where it is awaited.
     *
     * @param to where, or null if no client waits
     * @param traceParent the position of the order in its trace, or null if it is not traced
     * @param before whether the order was decided before the record that is answered was processed
     * @return completes when the broker has it, or when the address can't be answered; fails if the broker does not
     *     take it in time, and the outcome is in the ledger either way
     */
    public CompletableFuture<Void> send(
            Decision decision, @Nullable ReplyAddress to, @Nullable String traceParent, boolean before) {
        if (to == null) {
            return CompletableFuture.completedFuture(null);
        }
        return topics.partitions(to.topic(), to.partition())
                .thenCompose(partitions -> to.partition() < partitions
                        ? sendTo(decision, to, traceParent, before)
                        : dropped(decision, to, partitions))
                .exceptionally(failure -> {
                    Throwable cause = saidByKafka(failure);
                    String reason = reason(cause);
                    if (reason.isEmpty()) {
                        throw failure instanceof CompletionException completion
                                ? completion
                                : new CompletionException(failure);
                    }
                    if (!(cause instanceof RecordTooLargeException)) {
                        topics.refused(to.topic());
                    }
                    drop(decision, to, reason, String.valueOf(cause.getMessage()));
                    return null;
                })
                .toCompletableFuture();
    }

    private CompletionStage<Void> dropped(Decision decision, ReplyAddress to, int partitions) {
        drop(decision, to, "missing", partitions == 0 ? "it was refused a moment ago" : "it has " + partitions);
        return CompletableFuture.completedStage(null);
    }

    private CompletionStage<Void> sendTo(
            Decision decision, ReplyAddress to, @Nullable String traceParent, boolean before) {
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
    }

    /** Why an address can't be answered, or nothing if the broker may take the answer later. */
    private static String reason(Throwable cause) {
        if (cause instanceof TimeoutException) {
            return cause.getCause() instanceof UnknownTopicOrPartitionException ? "missing" : "";
        }
        if (cause instanceof UnknownTopicOrPartitionException || cause instanceof InvalidTopicException) {
            return "missing";
        }
        if (cause instanceof TopicAuthorizationException) {
            return "forbidden";
        }
        return cause instanceof RecordTooLargeException ? "too-large" : "";
    }

    /** What Kafka said, out of what Spring and futures wrap it in. */
    private static Throwable saidByKafka(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        return cause instanceof KafkaException && cause.getCause() != null ? saidByKafka(cause.getCause()) : cause;
    }

    private void drop(Decision decision, ReplyAddress to, String reason, String detail) {
        Counter counter = Counter.builder("turnstile.replies.dropped")
                .description("Replies dropped because their address can't be used; the outcomes are in the ledger")
                .tag("reason", reason)
                .register(registry);
        // one line for the first of each hundred: an address comes from a record, and so may as many as there are
        // records
        if (counter.count() % 100 == 0) {
            OrderLog.about(log.atWarn(), decision.orderId(), decision.ticket())
                    .log(
                            "order {} has the reply address partition {} of {}: {}; it is not answered ({} so far)",
                            decision.orderId(),
                            to.partition(),
                            to.topic(),
                            detail,
                            (long) counter.count());
        }
        counter.increment();
    }

    @Override
    public void destroy() throws Exception {
        admin.close();
    }
}

package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.startup.CreatedTopic;
import dev.turnstile.startup.StartupException;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.trace.TraceParent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.support.TopicPartitionOffset;

/**
 * Reads the outcomes that are meant for this instance: one partition of the reply topic, assigned by hand, so that the
 * cost of an instance does not grow with their number and no rebalance ever interrupts it.
 *
 * <p>The reading begins at the offset that was the partition's end when the instance started, looked up before its web
 * server opens. So every reply to an order of this instance is read, however long the first poll takes. Nothing is
 * committed: after a restart no request waits for earlier replies.
 */
final class ReplyReader implements ReplyTo, SmartLifecycle {

    /** Started before the web server and stopped after it has drained. */
    static final int PHASE = DEFAULT_PHASE - 4096;

    private static final AttributeKey<String> ORDER_ID = AttributeKey.stringKey("turnstile.order.id");

    private static final Logger log = LoggerFactory.getLogger(ReplyReader.class);

    private final ConsumerFactory<String, byte[]> consumers;
    private final int instance;
    private final Receiver receiver;
    private final OrderSpans spans;
    private volatile @Nullable Reading reading;

    /**
     * @param receiver called with each outcome, on the reading thread; must not block
     */
    ReplyReader(ConsumerFactory<String, byte[]> consumers, int instance, Receiver receiver, OrderSpans spans) {
        this.consumers = consumers;
        this.instance = instance;
        this.receiver = receiver;
        this.spans = spans;
    }

    /** What outcomes are brought to. */
    @FunctionalInterface
    interface Receiver {

        /**
         * Takes an outcome.
         *
         * @param before whether the worker found the order decided, by an earlier record of it
         */
        void receive(Decision decision, boolean before);
    }

    private record Reading(ReplyAddress address, KafkaMessageListenerContainer<String, byte[]> container) {}

    @Override
    public ReplyAddress address() {
        Reading current = reading;
        if (current == null) {
            throw new IllegalStateException("replies are not read yet");
        }
        return current.address();
    }

    @Override
    public void start() {
        TopicPartitionOffset start = endOfOwnPartition();
        ContainerProperties properties = new ContainerProperties(start);
        properties.setAckMode(AckMode.MANUAL); // and nothing is ever acknowledged: no offsets are kept
        properties.setMessageListener((MessageListener<String, byte[]>) this::receive);
        KafkaMessageListenerContainer<String, byte[]> container =
                new KafkaMessageListenerContainer<>(consumers, properties);
        container.setBeanName("replies");
        container.start();
        reading = new Reading(new ReplyAddress(start.getTopic(), start.getPartition()), container);
        log.info("reading replies from partition {} of {}", start.getPartition(), start.getTopic());
    }

    private TopicPartitionOffset endOfOwnPartition() {
        try (org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer = consumers.createConsumer()) {
            int partitions = CreatedTopic.partitions(consumer, OrderTopics.REPLIES);
            if (partitions == 0) {
                throw new StartupException("Kafka has no topic " + OrderTopics.REPLIES
                        + ": let this account make topics, or make it with one partition for each API");
            }
            TopicPartition own = new TopicPartition(OrderTopics.REPLIES, instance % partitions);
            consumer.assign(List.of(own));
            consumer.seekToEnd(List.of(own));
            return new TopicPartitionOffset(own.topic(), own.partition(), consumer.position(own));
        }
    }

    void receive(ConsumerRecord<String, byte[]> reply) {
        try {
            Decision decision = OrderJson.readDecision(reply.value());
            trace(reply, decision);
            receiver.receive(decision, reply.headers().lastHeader(OrderTopics.HEADER_DECIDED_BEFORE) != null);
        } catch (UnreadableMessageException | RuntimeException e) {
            log.warn("a reply is skipped, partition {} offset {}: {}", reply.partition(), reply.offset(), e.toString());
        }
    }

    /**
     * Before the request is answered, so that its trace is never seen without this. A header without a value counts as
     * absent.
     */
    private void trace(ConsumerRecord<String, byte[]> reply, Decision decision) {
        Header traceParent = reply.headers().lastHeader(TraceParent.HEADER);
        if (traceParent != null && traceParent.value() != null) {
            spans.record(
                    "reply",
                    SpanKind.CONSUMER,
                    new String(traceParent.value(), UTF_8),
                    Duration.ofMillis(System.currentTimeMillis() - reply.timestamp()),
                    Attributes.of(ORDER_ID, decision.orderId().toString()));
        }
    }

    @Override
    public void stop() {
        Reading current = reading;
        if (current != null) {
            current.container().stop();
        }
    }

    /** Whether the container is running; it stops by itself when reading is forbidden. */
    @Override
    public boolean isReading() {
        Reading current = reading;
        return current != null
                && current.container().isRunning()
                && current.container().isInExpectedState();
    }

    @Override
    public boolean isRunning() {
        Reading current = reading;
        return current != null && current.container().isRunning();
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}

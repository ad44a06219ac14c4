package dev.turnstile.local.replay;

import dev.turnstile.local.project.UserError;
import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the outcomes of replayed orders from a topic of their own: no API instance has to skip them. It is read from
 * where it ends when the replay begins. It is never deleted, because a worker that finds it gone would ask the broker
 * for it in vain; its records are kept for an hour.
 */
final class OutcomeListener implements AutoCloseable {

    private static final int PARTITION = 0;
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long STOP_MS = 5_000;

    private final Consumer<String, byte[]> consumer;
    private final Tally tally;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile @Nullable RuntimeException failure;

    /**
     * Begins to listen; outcomes of orders that are sent from now on will be heard.
     *
     * @param consumer of no group, closed with this
     * @param tally receives each outcome
     */
    OutcomeListener(Consumer<String, byte[]> consumer, Tally tally) {
        this.consumer = consumer;
        this.tally = tally;
        TopicPartition partition = new TopicPartition(OrderTopics.REPLAY_REPLIES, PARTITION);
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
        long unused = consumer.position(partition); // now, and not with the first poll
        this.thread = new Thread(this::listen, "replay-outcomes");
        thread.setDaemon(true);
        thread.start();
    }

    /** Where workers send the outcomes. */
    static ReplyAddress address() {
        return new ReplyAddress(OrderTopics.REPLAY_REPLIES, PARTITION);
    }

    /**
     * Makes the topic if it is missing.
     *
     * @throws UserError if it is and can't be made
     */
    static void makeTopic(Admin admin) throws InterruptedException {
        NewTopic topic = new NewTopic(OrderTopics.REPLAY_REPLIES, Optional.of(1), Optional.empty())
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(RETENTION.toMillis())));
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new UserError("can't create the topic " + topic.name() + " for the outcomes: " + e.getCause(), e);
            }
        }
    }

    private void listen() {
        try {
            while (!stopped) {
                for (ConsumerRecord<String, byte[]> reply : consumer.poll(POLL)) {
                    hear(reply, System.nanoTime());
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            consumer.close();
        }
    }

    private void hear(ConsumerRecord<String, byte[]> reply, long nowNanos) {
        try {
            Decision decision = OrderJson.readDecision(reply.value());
            tally.answered(decision.orderId(), decision.outcome(), nowNanos);
        } catch (UnreadableMessageException | RuntimeException e) {
            // not of a worker of this build; its order will be missed, and looked up in the ledger
        }
    }

    /**
     * Reports when outcomes can't be read any more.
     *
     * @throws UserError if so
     */
    void check() {
        RuntimeException problem = failure;
        if (problem != null) {
            throw new UserError("the outcomes can't be read any more: " + problem.getMessage(), problem);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join(STOP_MS);
    }
}

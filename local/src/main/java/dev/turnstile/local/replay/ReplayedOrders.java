package dev.turnstile.local.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes new orders of recorded ones: the same lines under a fresh id, accepted when it is due, for a run, without a
 * ticket.
 */
final class ReplayedOrders {

    private final ReplayPlan plan;
    private final String run;
    private final ReplyAddress replyTo;

    ReplayedOrders(ReplayPlan plan, String run, ReplyAddress replyTo) {
        this.plan = plan;
        this.run = run;
        this.replyTo = replyTo;
    }

    /**
     * A new order.
     *
     * @param acceptedAt when it is due
     */
    Order order(TopicOrder recorded, Instant acceptedAt) {
        Mode mode = plan.mode(recorded.order().mode());
        return new Order(
                UuidCreator.getTimeOrderedEpoch(),
                mode,
                recorded.order().lines(),
                acceptedAt.truncatedTo(ChronoUnit.MICROS),
                replyTo,
                run);
    }

    /** The record of such an order, keyed as the recorded one was: where that was the order's id, by the new id. */
    ProducerRecord<String, byte[]> record(TopicOrder recorded, Order order) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(ReplayPlan.topicOf(order.mode()), key(recorded, order), OrderJson.write(order));
        header(record, OrderTopics.HEADER_ORDER_ID, order.id());
        header(record, OrderTopics.HEADER_CORRELATION_ID, order.id());
        header(record, OrderTopics.HEADER_REPLY_TOPIC, replyTo.topic());
        header(record, OrderTopics.HEADER_REPLY_PARTITION, replyTo.partition());
        header(record, OrderTopics.HEADER_REPLAY_RUN, run);
        return record;
    }

    private static String key(TopicOrder recorded, Order order) {
        String recordedKey = recorded.key();
        boolean sameMode = order.mode() == recorded.order().mode();
        boolean byId =
                recordedKey != null && recordedKey.equals(recorded.order().id().toString());
        if (sameMode && recordedKey != null && !byId) {
            return recordedKey;
        }
        return order.mode() == Mode.DISTRIBUTED || (sameMode && byId)
                ? order.id().toString()
                : Long.toString(order.productIds().get(0));
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, Object value) {
        record.headers().add(name, value.toString().getBytes(UTF_8));
    }
}

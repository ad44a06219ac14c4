package dev.turnstile.local.replay;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What to replay, and how.
 *
 * @param topic the topic with the recorded orders
 * @param range which of its records
 * @param withReplayed also the orders that earlier replays sent
 * @param speed how fast
 * @param maxRate most orders per second, or null
 * @param maxCount most orders, or null
 * @param target where all orders go, or null for the topic of their mode; {@link OrderTopics#FAIR_OPEN} or
 *     {@link OrderTopics#DISTRIBUTED}
 * @param patience how long the next outcome is waited for
 */
public record ReplayPlan(
        String topic,
        ReplayRange range,
        boolean withReplayed,
        Speed speed,
        @Nullable Double maxRate,
        @Nullable Long maxCount,
        @Nullable String target,
        Duration patience) {

    /**
     * @throws IllegalArgumentException naming what makes no plan
     */
    public ReplayPlan {
        if (maxRate != null && !(maxRate > 0 && maxRate <= 1e6)) {
            throw new IllegalArgumentException(
                    "the rate must be more than 0 and at most 1000000 orders per second, was " + maxRate);
        }
        if (maxCount != null && maxCount < 1) {
            throw new IllegalArgumentException("the count must be 1 or more, was " + maxCount);
        }
        if (patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("the wait must be longer than 0, was " + patience);
        }
        if (target != null && !target.equals(OrderTopics.FAIR_OPEN) && !target.equals(OrderTopics.DISTRIBUTED)) {
            throw new IllegalArgumentException("the target must be " + OrderTopics.FAIR_OPEN + " or "
                    + OrderTopics.DISTRIBUTED + ", was " + target
                    + (target.equals(OrderTopics.FAIR) ? ", where every order has a ticket already" : ""));
        }
    }

    /** In which mode an order that was recorded in one is sent again. */
    Mode mode(Mode recorded) {
        if (target == null) {
            return recorded;
        }
        return target.equals(OrderTopics.DISTRIBUTED) ? Mode.DISTRIBUTED : Mode.FAIR;
    }

    /** Where orders of a mode are sent. */
    static String topicOf(Mode mode) {
        return switch (mode) {
            case DISTRIBUTED -> OrderTopics.DISTRIBUTED;
            case FAIR -> OrderTopics.FAIR_OPEN;
        };
    }
}

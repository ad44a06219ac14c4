package dev.turnstile.order;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the topics are made that do not exist yet. A topic that exists keeps its replication and its retention; it is
 * given more partitions when it has fewer than this, never less.
 *
 * @param partitions partitions of every topic, at least 1
 * @param replication copies of every partition; -1 leaves it to the broker's {@code default.replication.factor}
 * @param orderRetention How long the topics of orders keep them; 0s leaves it to the broker. What they have deleted
 *     can't be replayed. Of topics that are made only.
 * @param replyRetention How long orders.replies keeps outcomes; 0s leaves it to the broker. Of topics that are made
 *     only.
 * @param deadLetterRetention How long the topics of dead letters keep them, not shorter than those of orders; 0s leaves
 *     it to the broker. Of topics that are made only.
 */
@ConfigurationProperties("turnstile.kafka")
public record TopicProperties(
        @DefaultValue("12") int partitions,
        @DefaultValue("-1") short replication,
        @DefaultValue("14d") Duration orderRetention,
        @DefaultValue("1d") Duration replyRetention,
        @DefaultValue("30d") Duration deadLetterRetention) {

    /**
     * @throws IllegalArgumentException if a number is out of bounds, with the name of the property
     */
    public TopicProperties {
        if (partitions < 1) {
            throw new IllegalArgumentException("turnstile.kafka.partitions must be at least 1, was " + partitions);
        }
        if (replication != -1 && replication < 1) {
            throw new IllegalArgumentException(
                    "turnstile.kafka.replication must be at least 1, or -1 for the broker's default, was "
                            + replication);
        }
        notNegative("order-retention", orderRetention);
        notNegative("reply-retention", replyRetention);
        notNegative("dead-letter-retention", deadLetterRetention);
        if (!deadLetterRetention.isZero() && deadLetterRetention.compareTo(orderRetention) < 0) {
            throw new IllegalArgumentException("turnstile.kafka.dead-letter-retention must not be shorter than"
                    + " turnstile.kafka.order-retention, or dead letters are deleted before the records");
        }
    }

    private static void notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("turnstile.kafka." + name
                    + " must be longer than 0, or 0s for the broker's default, was " + duration);
        }
    }
}

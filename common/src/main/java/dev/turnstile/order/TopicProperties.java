package dev.turnstile.order;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the topics are made that do not exist yet. A topic that exists keeps its replication; it is given more partitions
 * when it has fewer than this, never less.
 *
 * @param partitions partitions of every topic, at least 1
 * @param replication copies of every partition; -1 leaves it to the broker's {@code default.replication.factor}
 */
@ConfigurationProperties("turnstile.kafka")
public record TopicProperties(
        @DefaultValue("12") int partitions,
        @DefaultValue("-1") short replication) {

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
    }
}

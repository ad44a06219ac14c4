package dev.turnstile.order;

import static java.util.Objects.requireNonNull;

/**
 * Where the outcome of an order is awaited: one partition of the reply topic, read by one API instance.
 *
 * @param topic name of the reply topic
 * @param partition partition of it, from 0
 */
public record ReplyAddress(String topic, int partition) {

    /**
     * @throws NullPointerException if there is no topic
     * @throws IllegalArgumentException if the partition is negative
     */
    public ReplyAddress {
        requireNonNull(topic, "a reply address needs a topic");
        if (partition < 0) {
            throw new IllegalArgumentException("partition must not be negative, was " + partition);
        }
    }
}

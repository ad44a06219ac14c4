package dev.turnstile.order;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * Where the outcome of an order is awaited: one partition of the reply topic, read by one API instance.
 *
 * @param topic name of the reply topic
 * @param partition partition of it, from 0
 */
public record ReplyAddress(String topic, int partition) {

    private static final Pattern TOPIC_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    /**
     * @throws NullPointerException if there is no topic
     * @throws IllegalArgumentException if the partition is negative, or if the topic has no possible name, is one of
     *     Kafka's own or one of ours that is not for replies: an order must not make a worker write there
     */
    public ReplyAddress {
        requireNonNull(topic, "a reply address needs a topic");
        if (partition < 0) {
            throw new IllegalArgumentException("partition must not be negative, was " + partition);
        }
        if (!TOPIC_NAME.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            throw new IllegalArgumentException("the reply topic has no possible name");
        }
        if (topic.startsWith("__")
                || (topic.startsWith(OrderTopics.PREFIX)
                        && !topic.equals(OrderTopics.REPLIES)
                        && !topic.startsWith(OrderTopics.REPLIES + "."))) {
            throw new IllegalArgumentException(topic + " is no topic for replies");
        }
    }
}

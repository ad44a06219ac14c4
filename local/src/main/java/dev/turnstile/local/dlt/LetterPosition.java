package dev.turnstile.local.dlt;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/** Where a record is, written as {@code topic/partition/offset}. */
public record LetterPosition(String topic, int partition, long offset) {

    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9._-]{1,249})/(\\d{1,9})/(\\d{1,18})");

    /**
     * Reads a place.
     *
     * @throws IllegalArgumentException if the text is none
     */
    public static LetterPosition parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not of the form topic/partition/offset");
        }
        return new LetterPosition(parts.group(1), Integer.parseInt(parts.group(2)), Long.parseLong(parts.group(3)));
    }

    TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }

    @Override
    public String toString() {
        return topic + "/" + partition + "/" + offset;
    }
}

package dev.turnstile.worker.reply;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * How many partitions the topics of answers have. Their names come from records, so any may be missing or forbidden:
 * such a one is not asked for again at once. The broker is asked without blocking: to ask a producer for a topic that
 * does not exist blocks it for {@code max.block.ms}.
 *
 * <p>Safe for use by any thread.
 */
final class ReplyTopics {

    /** How long an answer of the broker is believed. */
    static final Duration BELIEVED_FOR = Duration.ofSeconds(30);

    /** Handles a topic that is missing or forbidden: it may be in creation, and its answers are dropped until then. */
    static final Duration REFUSED_FOR = Duration.ofSeconds(5);

    /** Names that are remembered at most. */
    static final int MOST_NAMES = 1000;

    private final Function<String, CompletionStage<Integer>> describe;
    private final LongSupplier nanoTime;
    private final Map<String, Known> topics = new ConcurrentHashMap<>();

    private record Known(int partitions, long asOf) {}

    /**
     * Creates the memory of topics.
     *
     * @param describe asks the broker how many partitions a topic has; fails for one that is missing or forbidden
     * @param nanoTime the clock
     */
    ReplyTopics(Function<String, CompletionStage<Integer>> describe, LongSupplier nanoTime) {
        this.describe = describe;
        this.nanoTime = nanoTime;
    }

    /**
     * How many partitions a topic has.
     *
     * @param least more than this are wanted: where fewer are known, the broker is asked, as there may be more by now
     * @return fails as the broker's answer did; 0 for a topic that was missing or forbidden a moment ago
     */
    CompletionStage<Integer> partitions(String topic, int least) {
        Known known = topics.get(topic);
        boolean fresh = known != null
                && nanoTime.getAsLong() - known.asOf() < believedFor(known).toNanos();
        if (known != null && fresh && (known.partitions() > least || known.partitions() == 0)) {
            return CompletableFuture.completedStage(known.partitions());
        }
        return describe.apply(topic).thenApply(partitions -> {
            remember(topic, partitions);
            return partitions;
        });
    }

    private static Duration believedFor(Known known) {
        return known.partitions() == 0 ? REFUSED_FOR : BELIEVED_FOR;
    }

    /** Remembers that a topic is missing or forbidden. */
    void refused(String topic) {
        remember(topic, 0);
    }

    private void remember(String topic, int partitions) {
        if (topics.size() >= MOST_NAMES) {
            topics.clear();
        }
        topics.put(topic, new Known(partitions, nanoTime.getAsLong()));
    }
}

package dev.turnstile.worker.retention;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** How long topics remember, by what the broker says of them: whoever made them may have wanted something else than we do. */
final class TopicMemory {

    /** Clocks that differ, and segments that the broker has not come to delete yet. */
    static final Duration SLACK = Duration.ofDays(1);

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Map<String, Object> kafka;

    /**
     * Makes a reader.
     *
     * @param kafka settings of an admin client
     */
    TopicMemory(Map<String, Object> kafka) {
        this.kafka = kafka;
    }

    /**
     * The age at which no topic holds a record any more.
     *
     * @return empty if one of them keeps its records for ever
     * @throws KafkaException if Kafka does not tell
     */
    Optional<Duration> longest(Collection<String> topics) throws InterruptedException {
        try (Admin admin = Admin.create(kafka)) {
            Map<ConfigResource, Config> configs = admin.describeConfigs(topics.stream()
                            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                            .toList())
                    .all()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            Duration longest = Duration.ZERO;
            for (Config config : configs.values()) {
                Optional<Duration> age = longestAge(config);
                if (age.isEmpty()) {
                    return age;
                }
                longest = age.get().compareTo(longest) > 0 ? age.get() : longest;
            }
            return Optional.of(longest);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("the retention of the topics is not known", e);
        }
    }

    /** A record goes with its segment, and a segment when its last record is old enough. */
    static Optional<Duration> longestAge(Config config) {
        long retentionMs = number(config, TopicConfig.RETENTION_MS_CONFIG);
        boolean deletes = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value().contains("delete");
        if (retentionMs < 0 || !deletes) {
            return Optional.empty();
        }
        long longestMs = Math.addExact(retentionMs, number(config, TopicConfig.SEGMENT_MS_CONFIG));
        return Optional.of(Duration.ofMillis(longestMs).plus(SLACK));
    }

    private static long number(Config config, String name) {
        return Long.parseLong(config.get(name).value());
    }
}

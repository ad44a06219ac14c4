package dev.turnstile.worker.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;

class TopicMemoryTest {

    @Test
    void aRecordMayStayUntilItsWholeSegmentIsOld() {
        assertThat(TopicMemory.longestAge(config("delete", Duration.ofDays(14).toMillis())))
                .contains(Duration.ofDays(14 + 7).plus(TopicMemory.SLACK));
    }

    @Test
    void aTopicThatDeletesNothingRemembersForEver() {
        assertThat(TopicMemory.longestAge(config("delete", -1))).isEmpty();
        assertThat(TopicMemory.longestAge(config("compact", 1000))).isEmpty();
        assertThat(TopicMemory.longestAge(config("compact,delete", 1000))).isPresent();
    }

    private static Config config(String policy, long retentionMs) {
        return new Config(List.of(
                new ConfigEntry("cleanup.policy", policy),
                new ConfigEntry("retention.ms", Long.toString(retentionMs)),
                new ConfigEntry("segment.ms", Long.toString(Duration.ofDays(7).toMillis()))));
    }
}

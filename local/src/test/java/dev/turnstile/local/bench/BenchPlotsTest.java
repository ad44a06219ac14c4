package dev.turnstile.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchPlotsTest {

    /** Those of the drain, the most in one plot. */
    private static final Set<String> CONTENDERS = new LinkedHashSet<>(List.of(
            "Turnstile distributed",
            "Turnstile fair",
            "batch-insert floor",
            "plain SQL, 8 connections",
            "plain SQL, 32 connections",
            "plain SQL, 100 connections",
            "Redisson RLock, 1 thread",
            "Redisson RLock, 8 threads",
            "Redisson RLock, 100 threads",
            "Redisson RFairLock, 1 thread",
            "Redisson RFairLock, 8 threads",
            "Redisson RFairLock, 100 threads",
            "Redisson RedissonRedLock, 1 thread",
            "Redisson RedissonRedLock, 8 threads",
            "Redisson RedissonRedLock, 100 threads"));

    /** Once there were twelve colours for fifteen of them. */
    @Test
    void noTwoContendersHaveOneColour() {
        Map<String, Color> colors = BenchPlots.colors(CONTENDERS);
        assertThat(colors.keySet()).containsExactlyElementsOf(CONTENDERS);
        assertThat(colors.values()).doesNotHaveDuplicates();
    }

    @Test
    void contendersOfOneKindGetLighter() {
        Map<String, Color> colors = BenchPlots.colors(CONTENDERS);
        assertThat(List.of("plain SQL, 8 connections", "plain SQL, 32 connections", "plain SQL, 100 connections"))
                .extracting(contender -> brightness(colors, contender))
                .isSorted();
        assertThat(List.of("Redisson RLock, 1 thread", "Redisson RLock, 8 threads", "Redisson RLock, 100 threads"))
                .extracting(contender -> brightness(colors, contender))
                .isSorted();
    }

    private static int brightness(Map<String, Color> colors, String contender) {
        Color color = colors.getOrDefault(contender, Color.BLACK);
        return color.getRed() + color.getGreen() + color.getBlue();
    }
}

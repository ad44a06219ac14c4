package dev.turnstile.line;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrawBatchingTest {

    private static final long START = Long.MAX_VALUE - Duration.ofMillis(5).toNanos(); // such clocks may turn over

    private final DrawBatching pace = new DrawBatching(START);

    /** The last pause of a second in which orders were drawn at a rate, one draw for each. */
    private Duration pauseAt(int ordersPerSecond) {
        long pause = 0;
        for (int i = 1; i <= ordersPerSecond; i++) {
            pause = pace.pause(START + i * 1_000_000_000L / ordersPerSecond, 1);
        }
        return Duration.ofNanos(pause);
    }

    @Test
    void fewOrdersNeverWait() {
        assertThat(pauseAt(1)).isZero();
    }

    @Test
    void ordersGatherTwoMicrosecondsForEachOneASecond() {
        assertThat(pauseAt(500)).isBetween(Duration.ofNanos(950_000), Duration.ofNanos(1_050_000));
    }

    @Test
    void theyNeverGatherLongerThanFourMilliseconds() {
        assertThat(pauseAt(5_000)).isEqualTo(Duration.ofMillis(4));
        assertThat(pace.pause(START, 100))
                .isLessThanOrEqualTo(Duration.ofMillis(4).toNanos());
    }

    @Test
    void aCrowdIsForgottenWhenItIsOver() {
        assertThat(pace.pause(START, 100)).isPositive();
        assertThat(pace.pause(START + Duration.ofMillis(500).toNanos(), 1)).isZero();
    }
}

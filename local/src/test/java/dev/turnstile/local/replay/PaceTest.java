package dev.turnstile.local.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {

    @Test
    void keepsTheRecordedGapsDividedByTheSpeed() {
        assertThat(dueMs(new Speed(1), null, 1000, 1010, 1010, 1500)).containsExactly(0, 10, 10, 500);
        assertThat(dueMs(new Speed(10), null, 1000, 1010, 1500)).containsExactly(0, 1, 50);
        assertThat(dueMs(new Speed(0.5), null, 1000, 1010, 1500)).containsExactly(0, 20, 1000);
        assertThat(dueMs(Speed.MAX, null, 1000, 1010, 1500)).containsExactly(0, 0, 0);
    }

    @Test
    void neverGoesBackWhereRecordedTimesDo() {
        assertThat(dueMs(new Speed(1), null, 1000, 1010, 1005, 990, 1020)).containsExactly(0, 10, 10, 10, 20);
    }

    @Test
    void aRateSpreadsWhatComesTooCloseAndLeavesTheRest() {
        assertThat(dueMs(new Speed(1), 100.0, 1000, 1001, 1002, 1500, 1501)).containsExactly(0, 10, 20, 500, 510);
        assertThat(dueMs(Speed.MAX, 4.0, 1000, 5000, 9000)).containsExactly(0, 250, 500);
    }

    @Test
    void aMillionGapsAddUpToTheWhole() {
        Pace pace = new Pace(Speed.MAX, 3.0);
        long due = 0;
        for (int i = 0; i <= 3_000_000; i++) {
            due = pace.nextNanos(0);
        }
        assertThat(due / 1e15).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void readsSpeeds() {
        assertThat(Speed.parse("1").toString()).isEqualTo("1");
        assertThat(Speed.parse("2.5").factor()).isEqualTo(2.5);
        assertThat(Speed.parse("MAX")).isEqualTo(Speed.MAX).hasToString("max");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "fast", "NaN", "Infinity", "1e999"})
    void refusesWhatIsNoSpeed(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Speed.parse(text)).withMessageContaining("speed");
    }

    private static long[] dueMs(Speed speed, @Nullable Double maxRate, long... timestamps) {
        Pace pace = new Pace(speed, maxRate);
        LongStream due = Arrays.stream(timestamps).map(pace::nextNanos);
        return due.map(nanos -> nanos / 1_000_000).toArray();
    }
}

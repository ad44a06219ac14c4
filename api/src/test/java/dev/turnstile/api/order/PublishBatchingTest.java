package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PublishBatchingTest {

    private static final long MS = 1_000_000;
    private static final long START = Long.MAX_VALUE - Duration.ofMillis(5).toNanos(); // such clocks may turn over

    private final PublishBatching gathering = new PublishBatching(Duration.ofMillis(20), START);

    @Test
    void theFirstOneGoesAtOnceHoweverManyWait() {
        assertThat(gathering.delay(START, 1000, 1)).isNotPositive();
    }

    @Test
    void whoIsAloneNeverWaits() {
        for (int i = 0; i < 10; i++) {
            assertThat(gathering.delay(START + i, 1, 1)).isNotPositive();
            gathering.goes(START + i, 0);
        }
    }

    @Test
    void theNextBatchWaitsTwoMillisecondsForEachOther() {
        gathering.goes(START, 0);
        assertThat(gathering.delay(START, 3, 1)).isEqualTo(4 * MS);
        assertThat(gathering.delay(START, 6, 1)).isEqualTo(10 * MS);
        assertThat(gathering.delay(START + 9 * MS, 6, 1)).isEqualTo(MS);
        assertThat(gathering.delay(START + 10 * MS, 6, 1)).isZero();
    }

    @Test
    void theyGoOnceHalfOfThoseOnTheirWayStandHere() {
        gathering.goes(START, 0);
        assertThat(gathering.delay(START, 100, 49)).isEqualTo(20 * MS);
        assertThat(gathering.delay(START, 100, 50)).isZero();
        assertThat(gathering.delay(START, 2, 1)).isZero();
    }

    @Test
    void noBatchWaitsLongerThanTheLimit() {
        gathering.goes(START, 0);
        assertThat(gathering.delay(START, 11, 1)).isEqualTo(20 * MS);
        assertThat(gathering.delay(START, 5000, 1)).isEqualTo(20 * MS);
    }

    @Test
    void allThatWaitBehindTheFirstOfABatchGoWithIt() {
        gathering.goes(START, 0);
        gathering.goes(START + 20 * MS, 2);
        assertThat(gathering.delay(START + 20 * MS, 100, 1)).isZero();
        gathering.goes(START + 21 * MS, 9);
        assertThat(gathering.delay(START + 21 * MS, 100, 1)).isZero();
        gathering.goes(START + 21 * MS, 9);
        assertThat(gathering.delay(START + 21 * MS, 100, 1))
                .as("since the batch began")
                .isEqualTo(19 * MS);
    }

    @Test
    void withoutALimitNobodyWaits() {
        PublishBatching none = new PublishBatching(Duration.ZERO, START);
        none.goes(START, 0);
        assertThat(none.delay(START, 5000, 1)).isZero();
    }
}

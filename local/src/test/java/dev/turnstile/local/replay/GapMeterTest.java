package dev.turnstile.local.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.turnstile.local.replay.GapMeter.Gaps;
import org.junit.jupiter.api.Test;

class GapMeterTest {

    private static final long MS = 1_000_000;

    private final GapMeter meter = new GapMeter();

    @Test
    void measuresEachGapAgainstWhatItShouldBe() {
        meter.sent(0, 0);
        meter.sent(10 * MS, 11 * MS); // 10 % too long
        meter.sent(20 * MS, 20 * MS); // 10 % too short
        meter.sent(120 * MS, 150 * MS); // 30 % too long
        Gaps gaps = meter.gaps();
        assertThat(gaps.count()).isEqualTo(3);
        assertThat(gaps.medianErrorPercent()).isCloseTo(10, offset(0.1));
        assertThat(gaps.p99ErrorPercent()).isCloseTo(30, offset(0.1));
        assertThat(gaps.lateP50Ms()).isCloseTo(0, offset(0.1));
        assertThat(gaps.lateMaxMs()).isCloseTo(30, offset(0.1));
        assertThat(meter.spanMs()).isEqualTo(150);
    }

    @Test
    void leavesShortGapsOut() {
        meter.sent(0, 0);
        meter.sent(4 * MS, 40 * MS);
        assertThat(meter.gaps().count()).isZero();
        assertThat(meter.gaps().medianErrorPercent()).isNull();
    }
}

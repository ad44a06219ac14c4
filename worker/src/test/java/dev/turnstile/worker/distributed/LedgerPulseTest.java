package dev.turnstile.worker.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import dev.turnstile.stock.Ledger;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;

class LedgerPulseTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Ledger ledger = mock(Ledger.class);
    private long now = -5;
    private final LedgerPulse pulse = new LedgerPulse(ledger, () -> now);

    @Test
    void aLedgerThatAnswersStoodNeverStill() {
        long before = now;
        now += 10 * SECOND;
        pulse.ask();
        pulse.answered(now - SECOND / 2, false);
        assertThat(pulse.stoodStillSince(before)).isFalse();
    }

    @Test
    void oneThatTakesSecondsStoodStillUntilItAnswered() {
        long asked = now;
        doAnswer(call -> now += 9 * SECOND).when(ledger).beat();
        pulse.ask();
        assertThat(pulse.stoodStillSince(asked)).isTrue();
        assertThat(pulse.stoodStillSince(asked + 8 * SECOND)).isTrue();
        assertThat(pulse.stoodStillSince(now)).isFalse();
    }

    @Test
    void oneThatFailsStoodStillAndSoDidOneWhoseRunDidNotEnd() {
        long asked = now;
        now += SECOND;
        doThrow(new QueryTimeoutException("read-only")).when(ledger).beat();
        assertThatThrownBy(pulse::ask).isInstanceOf(QueryTimeoutException.class);
        assertThat(pulse.stoodStillSince(asked)).isTrue();
        long later = now;
        now += 3 * SECOND;
        pulse.answered(later, false);
        assertThat(pulse.stoodStillSince(later)).isTrue();
    }

    @Test
    void isAskedNoMoreThanOnceASecondByThoseWhoJustWait() {
        pulse.askNowAndThen();
        now += SECOND;
        pulse.askNowAndThen();
        pulse.askNowAndThen();
        now += SECOND / 2;
        pulse.askNowAndThen();
        verify(ledger, times(1)).beat();
    }
}

package dev.turnstile.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LineThroughputTest {

    private static final Duration BETWEEN = Duration.ofMillis(250);
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private long now = 1_000_000_000L;
    private final LineThroughput pace = new LineThroughput(() -> now);
    private long left;
    private long waiting;

    /** A snapshot after a while in which so many joined, and so many left. */
    private void look(Duration after, long joining, long leaving) {
        now += after.toNanos();
        waiting += joining - leaving;
        left += leaving;
        pace.seen(new LineCounters(1, left, waiting));
    }

    private void look(long joining, long leaving) {
        look(BETWEEN, joining, leaving);
    }

    @Test
    void isAssumedUntilSomethingIsKnown() {
        assertThat(pace.perSecond()).isEqualTo(LineThroughput.ASSUMED);
        assertThat(pace.room(LIMIT)).isEqualTo((int) (8 * LineThroughput.ASSUMED));
        assertThat(pace.wait(new QueuePosition(new Ticket(1), 0, 1))).isEmpty();
    }

    @Test
    void ofALongLineIsWhatLeavesIt() {
        look(10_000, 0);
        for (int i = 0; i < 40; i++) {
            look(50, 50);
        }
        assertThat(pace.perSecond()).isCloseTo(200, within(100.0));
        assertThat(pace.room(LIMIT)).isBetween(800, 2400);
    }

    @Test
    void ofALineThatSuddenlyHardlyMovesIsKnownWithinASecond() {
        look(2000, 0);
        for (int i = 0; i < 4; i++) {
            look(1000, 50);
        }
        assertThat(pace.perSecond()).isLessThan(600);
    }

    @Test
    void ofAnIdleLineSaysNothingAboutHowFastItCouldBe() {
        for (int i = 0; i < 100; i++) {
            look(3, 3);
        }
        assertThat(pace.perSecond()).isEqualTo(LineThroughput.ASSUMED);
    }

    @Test
    void isAtLeastWhatWasSeenWhateverWaited() {
        for (int i = 0; i < 20; i++) {
            look(2500, 2500);
        }
        assertThat(pace.perSecond()).isGreaterThan(9000);
    }

    @Test
    void ofALineThatStandsStillFallsHoweverShortItIs() {
        look(3, 0);
        for (int i = 0; i < 40; i++) {
            look(0, 0);
        }
        assertThat(pace.perSecond()).isLessThan(100);
        assertThat(pace.room(LIMIT)).isLessThan(800);
        for (int i = 0; i < 8; i++) {
            look(2000, 2000);
        }
        assertThat(pace.perSecond()).as("two seconds after it goes on").isGreaterThan(2000);
    }

    @Test
    void isForgotten() {
        look(10_000, 0);
        look(0, 10);
        assertThat(pace.perSecond()).isLessThan(LineThroughput.ASSUMED);
        now += LineThroughput.FORGOTTEN_AFTER.toNanos() + 1;
        assertThat(pace.perSecond()).isEqualTo(LineThroughput.ASSUMED);
    }

    @Test
    void doesNotCountAcrossALossOfMemory() {
        look(10_000, 0);
        now += BETWEEN.toNanos();
        pace.seen(new LineCounters(2, 1_000_000, 10));
        assertThat(pace.perSecond()).isEqualTo(LineThroughput.ASSUMED);
    }

    @Test
    void tellsHowLongAnOrderWaitsInTheShareOfItsQueue() {
        look(10_000, 0);
        for (int i = 0; i < 40; i++) {
            look(100, 100);
        }
        double perSecond = pace.perSecond();
        Duration inTheOnlyQueue =
                pace.wait(new QueuePosition(new Ticket(1), 999, 10_000)).orElseThrow();
        assertThat(inTheOnlyQueue.toMillis() / 1000.0).isCloseTo(1000 / perSecond, within(0.01));
        Duration inHalfOfTheLine =
                pace.wait(new QueuePosition(new Ticket(1), 999, 5000)).orElseThrow();
        assertThat(inHalfOfTheLine).isCloseTo(inTheOnlyQueue.multipliedBy(2), Duration.ofMillis(2));
    }

    @Test
    void tellsNoWaitWhereTheLineDoesNotMove() {
        look(10_000, 0);
        for (int i = 0; i < 40; i++) {
            look(0, 0);
        }
        assertThat(pace.perSecond()).isZero();
        assertThat(pace.wait(new QueuePosition(new Ticket(1), 1, 10_000))).isEmpty();
        assertThat(pace.waitBehind(10_000)).isEmpty();
        look(0, 1);
        assertThat(pace.wait(new QueuePosition(new Ticket(1), 9_000_000_000L, 10_000)))
                .as("centuries")
                .isEmpty();
    }
}

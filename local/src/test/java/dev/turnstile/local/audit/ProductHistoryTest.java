package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.audit.LedgerStock.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProductHistoryTest {

    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration LONG = ProductHistory.CLOCKS_DIFFER_BY.plusSeconds(1);

    @Test
    void changesExplainAJumpInTheirOrderOnly() {
        ProductHistory history = history(change(5), change(10), change(-8));
        assertThat(history.follows(5, NOON)).isTrue();
        history.sell(2);
        assertThat(history.follows(5, NOON)).as("3 + 10 − 8").isTrue();
        assertThat(history.follows(15, NOON)).as("all is booked").isFalse();
    }

    @Test
    void beginsWithWhatOrdersGotThatAreDeleted() {
        ProductHistory history = new ProductHistory(List.of(change(5), change(10)), 3);
        assertThat(history.follows(2, NOON)).isTrue();
        history.sell(2);
        assertThat(history.follows(10, NOON)).isTrue();
        ProductHistory later = new ProductHistory(List.of(change(5), change(10)), 14);
        assertThat(later.follows(1, NOON)).isTrue();
    }

    @Test
    void theFewestChangesThatExplainAreTaken() {
        ProductHistory history = history(change(5), change(3), change(-3), change(4));
        assertThat(history.follows(5, NOON)).isTrue();
        assertThat(history.follows(8, NOON))
                .as("the second change was still to come")
                .isTrue();
        assertThat(history.restocks()).isEqualTo(2);
    }

    @Test
    void theFirstChangeMadeTheRow() {
        assertThat(history(change(5), change(-5)).follows(0, NOON)).isTrue();
        assertThat(history(change(5)).follows(0, NOON)).isFalse();
        assertThat(history().follows(0, NOON)).isTrue();
    }

    @Test
    void whenOneOrderWasToldAWrongNumberTheNextAreRightAgain() {
        ProductHistory history = history(change(5));
        assertThat(history.follows(4, NOON)).isFalse();
        history.sell(1);
        assertThat(history.likelyLevel(NOON)).isEqualTo(4);
        assertThat(history.follows(4, NOON)).isTrue();
    }

    @Test
    void whenTheStockReallyJumpedItIsToldOnce() {
        ProductHistory history = history(change(5));
        assertThat(history.follows(9, NOON)).isFalse();
        history.sell(1);
        assertThat(history.follows(8, NOON)).isTrue();
        history.sell(1);
        assertThat(history.follows(7, NOON)).isTrue();
        assertThat(history.follows(7, NOON.plus(LONG)))
                .as("earlier bookings are in it")
                .isTrue();
    }

    @Test
    void twoWrongNumbersAreTwo() {
        ProductHistory history = history(change(5));
        assertThat(history.follows(9, NOON)).isFalse();
        assertThat(history.follows(7, NOON)).isFalse();
        assertThat(history.follows(5, NOON)).isTrue();
    }

    @Test
    void clocksMayDifferButNotByAnything() {
        assertThat(history(change(1), new Change(5, NOON.plusSeconds(60).toEpochMilli(), 0, 0))
                        .follows(6, NOON))
                .as("the API's clock is a minute ahead")
                .isTrue();
        assertThat(history(change(1), new Change(5, NOON.plus(LONG).toEpochMilli(), 0, 0))
                        .follows(6, NOON))
                .as("booked long after")
                .isFalse();
        assertThat(history(change(5), new Change(2, NOON.plusSeconds(1).toEpochMilli(), 0, 0))
                        .follows(5, NOON.plus(LONG).plusSeconds(1)))
                .as("booked long before, and not to be seen")
                .isFalse();
    }

    private static ProductHistory history(Change... changes) {
        return new ProductHistory(List.of(changes), 0);
    }

    private static Change change(int difference) {
        return new Change(difference, NOON.toEpochMilli(), 0, 0);
    }
}

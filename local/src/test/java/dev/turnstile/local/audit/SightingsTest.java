package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.audit.RedisKeys.CacheEntry;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SightingsTest {

    private static final long A = 7;

    @Test
    void onlyWhatEveryLookSawInTheSameStateCounts() {
        Sightings first = new Sightings();
        first.saw(Check.ORPHANS, "1", Finding.of("stays"));
        first.saw(Check.ORPHANS, "2", Finding.of("goes"));
        Sightings second = new Sightings();
        second.saw(Check.ORPHANS, "1", Finding.of("stays"));
        second.saw(Check.ORPHANS, "3", Finding.of("is new"));
        second.saw(Check.CACHE, "2", Finding.of("is something else"));
        first.confirmBy(second);
        assertThat(told(first)).containsExactly("stays");
        assertThat(first.hasSuspects()).isTrue();
        first.confirmBy(new Sightings());
        assertThat(first.hasSuspects()).isFalse();
        assertThat(told(first)).isEmpty();
    }

    @Test
    void whatIsCertainCountsWheneverItWasSeen() {
        Sightings first = new Sightings();
        first.sawForCertain(Check.CACHE_AHEAD, "1", Finding.of("at first"));
        Sightings second = new Sightings();
        second.sawForCertain(Check.CACHE_AHEAD, "1", Finding.of("again"));
        second.sawForCertain(Check.CACHE_AHEAD, "2", Finding.of("later"));
        assertThat(first.hasSuspects()).isFalse();
        first.confirmBy(second);
        assertThat(told(first)).containsExactly("at first", "later");
    }

    @Test
    void aCacheThatMovesOnIsNotBehindInTheSameState() {
        Sightings first = compare("5", "2", row(4, 3));
        first.confirmBy(compare("4", "3", row(3, 4)));
        assertThat(told(first)).isEmpty();
    }

    @Test
    void aCacheEntryIsTheRowOrItsPast() {
        assertThat(told(compare("4", "3", row(4, 3)))).isEmpty();
        assertThat(told(compare("5", "2", row(4, 3)))).containsExactly("cached 5 (version 2), stored 4 (version 3)");
        assertThat(told(compare("5", "3", row(4, 3)))).hasSize(1);
        assertThat(told(compare(null, "2", row(4, 3)))).as("dropped on doubt").isEmpty();
        assertThat(told(compare("many", "3", row(4, 3))))
                .containsExactly("cached many (version 3): that can't be read");
        assertThat(told(compare("4", null, row(4, 3)))).hasSize(1);
    }

    @Test
    void aCacheEntryThatIsNewerThanTheLedgerIsWrongForCertain() {
        for (Sightings ahead :
                List.of(compare("4", "4", row(4, 3)), compare(null, "4", row(4, 3)), compare("4", "4", null))) {
            assertThat(ahead.hasSuspects()).isFalse();
            assertThat(told(ahead)).hasSize(1);
        }
    }

    private static Sightings compare(
            @Nullable String quantity, @Nullable String version, LedgerStock.@Nullable Row row) {
        Sightings sightings = new Sightings();
        CacheChecks.compare(A, new CacheEntry(quantity, version), row, sightings);
        return sightings;
    }

    private static LedgerStock.Row row(int quantity, long version) {
        return new LedgerStock.Row(A, quantity, version, 0, 0, 0);
    }

    private static List<String> told(Sightings sightings) {
        Findings findings = new Findings(10);
        sightings.into(findings);
        return findings.report(Instant.EPOCH, 0).refuted().stream()
                .flatMap(check -> check.rows().stream())
                .map(Finding::what)
                .toList();
    }
}

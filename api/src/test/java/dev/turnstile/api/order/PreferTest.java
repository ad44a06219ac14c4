package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreferTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "wait=5 | 5",
                "Wait = \"5\" | 5",
                "respond-async | 0",
                "respond-async, wait=10 | 10",
                "wait=0 | 0",
                "wait=99999 | 30",
                "return=minimal; foo=\"a, b\", wait=7 | 7",
                "wait=3, wait=9 | 3",
                "wait=-1 | 30",
                "wait=1.5 | 30",
                "wait=99999999999999999999 | 30",
                "nonsense | 30",
            })
    void waitsAsLongAsTheClientPrefersWithinTheLimit(String header, long seconds) {
        assertThat(Prefer.parse(Collections.enumeration(List.of(header))).waitWithin(Duration.ofSeconds(30)))
                .isEqualTo(Duration.ofSeconds(seconds));
    }
}

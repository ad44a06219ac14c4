package dev.turnstile.stock;

import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The clock of one process.
 *
 * @param offset Added to the system's time, for tests of clocks that differ; may be negative. Order ids, the times in
 *     the ledger and the timestamps of published orders show it; no decision depends on it.
 */
@ConfigurationProperties("turnstile.clock")
public record ClockProperties(@DefaultValue("0s") Duration offset) {

    Clock clock() {
        return Clock.offset(Clock.systemUTC(), offset);
    }
}

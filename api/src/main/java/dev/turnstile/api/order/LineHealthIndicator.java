package dev.turnstile.api.order;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Up while the line answers this instance: {@code line}. Not a part of readiness: while it is away distributed orders are
 * taken in all the same, and fair ones are told to come again.
 */
@Component
final class LineHealthIndicator implements HealthIndicator {

    private final LinePulse pulse;

    LineHealthIndicator(LinePulse pulse) {
        this.pulse = pulse;
    }

    @Override
    public Health health() {
        return (pulse.isHeard() ? Health.up() : Health.down()).build();
    }
}

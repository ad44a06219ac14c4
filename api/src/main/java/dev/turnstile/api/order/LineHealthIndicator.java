package dev.turnstile.api.order;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Up while the line answers this instance: {@code line}. Not a part of readiness: while it is down distributed orders
 * are accepted, and fair ones are answered with 503.
 */
@Component
final class LineHealthIndicator implements HealthIndicator {

    private final LineHeartbeat pulse;

    LineHealthIndicator(LineHeartbeat pulse) {
        this.pulse = pulse;
    }

    @Override
    public Health health() {
        return (pulse.isHeard() ? Health.up() : Health.down()).build();
    }
}

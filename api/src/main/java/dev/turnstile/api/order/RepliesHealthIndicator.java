package dev.turnstile.api.order;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Up while outcomes are read, without which no request could be answered in time: {@code replies} of the readiness
 * group.
 */
@Component
final class RepliesHealthIndicator implements HealthIndicator {

    private final ReplyTo replyTo;

    RepliesHealthIndicator(ReplyTo replyTo) {
        this.replyTo = replyTo;
    }

    @Override
    public Health health() {
        return (replyTo.isReading() ? Health.up() : Health.down()).build();
    }
}

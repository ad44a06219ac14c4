package dev.turnstile.worker.retention;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long the ledger keeps decided orders.
 *
 * @param orders How long the ledger keeps a decided order at least; 0s keeps all for ever. An order that a topic may
 *     still hold stays longer, as it would be decided again if its record came again. With its row goes what GET
 *     /v1/orders/{id} shows, and the memory of its idempotency key.
 * @param interval How long a worker waits until it looks again for orders that are older than that, give or take a
 *     fifth.
 */
@ConfigurationProperties("turnstile.retention")
record RetentionProperties(
        @DefaultValue("90d") Duration orders,
        @DefaultValue("10m") Duration interval) {

    /**
     * @throws IllegalArgumentException naming the property that does not fit
     */
    RetentionProperties {
        if (orders.isNegative()) {
            throw new IllegalArgumentException(
                    "turnstile.retention.orders must be longer than 0, or 0s to keep all, was " + orders);
        }
        if (interval.toMillis() < 1) {
            throw new IllegalArgumentException("turnstile.retention.interval must be longer than 0, was " + interval);
        }
    }
}

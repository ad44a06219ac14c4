package dev.turnstile.worker.cache;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the stock cache.
 *
 * @param reconcileInterval How long a worker waits after it has compared the cache with the ledger and put it right
 *     until it does so again, give or take a fifth; the first time is at its start.
 */
@ConfigurationProperties("turnstile.cache")
record CacheProperties(@DefaultValue("30s") Duration reconcileInterval) {

    /**
     * @throws IllegalArgumentException naming the property that does not fit
     */
    CacheProperties {
        if (reconcileInterval.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "turnstile.cache.reconcile-interval must be longer than 0, was " + reconcileInterval);
        }
    }
}

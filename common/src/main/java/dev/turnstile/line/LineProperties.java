package dev.turnstile.line;

import dev.turnstile.redis.RedisAddress;
import dev.turnstile.stock.JdbcLedger;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the ticket line.
 *
 * @param redis Redis of the line and of the stock cache, redis://[[user]:password@]host[:port][/database] or
 *     rediss:// for TLS; several of them, separated by commas, are nodes of one Redis Cluster.
 * @param redisTimeout How long a call to it may take before it is tried again or fails.
 * @param lease How long a claimed run may take before another worker may claim it, 3s or more.
 * @param recheckInterval How long a worker relies on wakeups before it checks the line itself.
 * @param maxRun How many orders one claim takes at most.
 * @param publishLimit How long an API or a worker takes at most from the draw of a ticket until the order is published
 *     or given up; a ticket that no worker has met by then is suspect.
 * @param heartbeatLimit How long the heartbeat of a living API is missing at most; tickets of one that is silent for
 *     longer are suspect at once. It beats three times as often.
 * @param maxWaiting How many orders may be in the line; further ones are rejected at admission.
 * @param stockBelievedFor How long after a ledger confirmation cached stock may reject orders at admission; 0s disables
 *     early rejection.
 */
@ConfigurationProperties("turnstile.line")
public record LineProperties(
        List<RedisAddress> redis,
        @DefaultValue("2s") Duration redisTimeout,
        @DefaultValue("3s") Duration lease,
        @DefaultValue("250ms") Duration recheckInterval,
        @DefaultValue("12s") Duration publishLimit,
        @DefaultValue("3s") Duration heartbeatLimit,
        @DefaultValue("1000") int maxRun,
        @DefaultValue("200000") int maxWaiting,
        @DefaultValue("1s") Duration stockBelievedFor) {

    /**
     * @throws IllegalArgumentException naming the property that does not fit
     */
    public LineProperties {
        if (redis.isEmpty()) {
            throw new IllegalArgumentException("turnstile.line.redis is missing: give it redis://host:port");
        }
        try {
            RedisAddress.requireOneServer(redis);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("turnstile.line.redis: " + e.getMessage());
        }
        positive("redis-timeout", redisTimeout);
        positive("recheck-interval", recheckInterval);
        positive("publish-limit", publishLimit);
        positive("heartbeat-limit", heartbeatLimit);
        if (lease.compareTo(JdbcLedger.SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("turnstile.line.lease must be " + JdbcLedger.SHORTEST_LEASE.toSeconds()
                    + "s or more, was " + lease.toMillis() + "ms");
        }
        if (recheckInterval.compareTo(lease) > 0) {
            throw new IllegalArgumentException("turnstile.line.recheck-interval must not be longer than"
                    + " turnstile.line.lease, or an ended lease is noticed late");
        }
        if (maxRun < 1 || maxRun > 2000) {
            throw new IllegalArgumentException("turnstile.line.max-run must be 1 to 2000, was " + maxRun);
        }
        if (maxWaiting < 1) {
            throw new IllegalArgumentException("turnstile.line.max-waiting must be 1 or more, was " + maxWaiting);
        }
        if (stockBelievedFor.isNegative()) {
            throw new IllegalArgumentException(
                    "turnstile.line.stock-believed-for must be 0s (no early rejection) or longer," + " was "
                            + stockBelievedFor.toMillis() + "ms");
        }
    }

    private static void positive(String name, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("turnstile.line." + name + " must be longer than 0, was " + duration);
        }
    }
}

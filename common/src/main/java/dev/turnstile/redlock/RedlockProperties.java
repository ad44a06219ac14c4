package dev.turnstile.redlock;

import dev.turnstile.redis.RedisAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of Redlock. All workers that share the nodes must have the same ones.
 *
 * @param nodes Independent Redis masters, an odd number of them, as redis://[[user]:password@]host[:port][/database]
 *     or rediss:// for TLS. They run without persistence or with appendfsync always, without replicas and with
 *     maxmemory-policy noeviction.
 * @param lease Time after which the lock of a dead holder is free; a live one extends it at every third of it.
 * @param maxLease Longest lease of any worker: a node that lost its memory grants nothing for this long. Equal to the
 *     lease, but while a longer lease is being phased out.
 * @param driftFactor Share of the lease by which clocks may differ while it lasts; 2 ms are added for the precision of
 *     expiry.
 * @param retryCount Tries after the first one.
 * @param retryDelay Shortest time between two tries.
 * @param retryJitter Longest random time added to the delay, so that rivals don't meet again.
 * @param nodeTimeout Time after which a node that has not answered is taken as saying no.
 * @param nodeRest Time for which a node that failed or was too slow is not asked, as long as a majority is left.
 */
@ConfigurationProperties("turnstile.redlock")
public record RedlockProperties(
        List<RedisAddress> nodes,
        @DefaultValue("5s") Duration lease,
        @DefaultValue("5s") Duration maxLease,
        @DefaultValue("0.01") double driftFactor,
        @DefaultValue("500") int retryCount,
        @DefaultValue("10ms") Duration retryDelay,
        @DefaultValue("30ms") Duration retryJitter,
        @DefaultValue("250ms") Duration nodeTimeout,
        @DefaultValue("1s") Duration nodeRest) {

    private static final String PREFIX = "turnstile.redlock.";
    private static final Duration EXPIRY_PRECISION = Duration.ofMillis(2);

    /**
     * @throws IllegalArgumentException naming the property, if a value is out of range or two don't go together
     */
    public RedlockProperties {
        // Binding gives null where the property is missing, whatever the type says.
        nodes = nodes == null ? List.of() : List.copyOf(nodes);
        require(
                nodes.size() % 2 == 1,
                "nodes must list an odd number of Redis masters, such as 3, but lists " + nodes.size());
        Set<String> masters = new HashSet<>();
        for (RedisAddress node : nodes) {
            String master = node.endpoint();
            require(masters.add(master), "nodes must not list a master twice: " + master);
        }
        require(nodeTimeout.toMillis() > 0, "node-timeout must be at least 1 ms");
        require(!nodeRest.isNegative(), "node-rest must not be negative");
        require(retryCount >= 0, "retry-count must not be negative");
        require(retryDelay.toMillis() > 0, "retry-delay must be at least 1 ms");
        require(!retryJitter.isNegative(), "retry-jitter must not be negative");
        require(driftFactor >= 0 && driftFactor < 0.5, "drift-factor must be at least 0 and below 0.5");
        require(
                lease.minus(drift(lease, driftFactor)).compareTo(nodeTimeout.multipliedBy(3)) > 0,
                "lease (%s) less drift must be longer than 3 times turnstile.redlock.node-timeout (%s), or it would be"
                                .formatted(lease, nodeTimeout)
                        + " over before it is confirmed and extended");
        require(
                maxLease.compareTo(lease) >= 0,
                "max-lease (%s) must not be shorter than turnstile.redlock.lease (%s)".formatted(maxLease, lease));
    }

    /** How much of a lease is given up for clocks that differ. */
    Duration drift() {
        return drift(lease, driftFactor);
    }

    int majority() {
        return nodes.size() / 2 + 1;
    }

    private static Duration drift(Duration lease, double factor) {
        return EXPIRY_PRECISION.plusNanos((long) (lease.toNanos() * factor));
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(PREFIX + message);
        }
    }
}

package dev.turnstile.redlock;

import java.net.URI;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson clients made for Redlock nodes: small, lazy, and without retries of their own. */
public final class RedlockClients {

    private static final int MIN_CONNECT_TIMEOUT_MS = 1_000;

    private RedlockClients() {}

    /**
     * A client for one node. It connects when it is first used, so it is made also for a node that is down.
     *
     * <p>It waits for an answer up to one lease, longer than Redlock itself does, so that a late grant is seen and given
     * back; after that the grant has expired.
     */
    public static RedissonClient create(URI node, RedlockProperties properties) {
        int nodeTimeoutMs = Math.toIntExact(properties.nodeTimeout().toMillis());
        Config config = new Config().setLazyInitialization(true).setThreads(2).setNettyThreads(2);
        config.useSingleServer()
                .setAddress(node.toString())
                .setConnectionMinimumIdleSize(1)
                .setConnectionPoolSize(8)
                .setSubscriptionConnectionMinimumIdleSize(0)
                .setSubscriptionConnectionPoolSize(1)
                .setConnectTimeout(Math.max(MIN_CONNECT_TIMEOUT_MS, nodeTimeoutMs))
                .setTimeout(Math.toIntExact(properties.lease().toMillis()))
                // Redlock tries again itself, under a new owner name.
                .setRetryAttempts(0);
        return Redisson.create(config);
    }
}

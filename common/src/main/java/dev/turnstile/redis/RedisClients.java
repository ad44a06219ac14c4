package dev.turnstile.redis;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.BaseConfig;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;

/** Connects to the Redis of the line. */
public final class RedisClients {

    private static final int CONNECTIONS = 16;

    private RedisClients() {}

    /**
     * Connects to one Redis, or to the nodes of one Redis Cluster if there are several addresses.
     *
     * @param uris as {@link RedisAddress} reads them
     * @param timeout how long a command may take; it is tried once more, so the wait for an answer is at most twice that
     * @throws IllegalArgumentException if an address is not understood, or several are not those of one cluster
     * @throws org.redisson.client.RedisConnectionException if none of them can be reached
     */
    public static RedissonClient connect(List<URI> uris, Duration timeout) {
        List<RedisAddress> addresses = RedisAddress.ofOneServer(uris);
        Config config = new Config();
        addresses.get(0).authenticate(config);
        if (addresses.size() == 1) {
            config.useSingleServer()
                    .setAddress(addresses.get(0).endpoint())
                    .setDatabase(addresses.get(0).database())
                    .setConnectionPoolSize(CONNECTIONS)
                    .setConnectionMinimumIdleSize(2)
                    .setSubscriptionConnectionPoolSize(2);
            limit(config.useSingleServer(), timeout);
        } else {
            config.useClusterServers()
                    .addNodeAddress(
                            addresses.stream().map(RedisAddress::endpoint).toArray(String[]::new))
                    .setMasterConnectionPoolSize(CONNECTIONS)
                    .setMasterConnectionMinimumIdleSize(2)
                    .setReadMode(ReadMode.MASTER); // a replica is behind
            limit(config.useClusterServers(), timeout);
        }
        config.setThreads(2);
        config.setNettyThreads(4);
        return Redisson.create(config);
    }

    private static void limit(BaseConfig<?> config, Duration timeout) {
        config.setTimeout(Math.toIntExact(timeout.toMillis()))
                .setConnectTimeout(Math.toIntExact(timeout.toMillis()))
                .setRetryAttempts(1);
    }
}

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
     * @param addresses at least one
     * @param timeout how long a command may take; it is tried once more, so the wait for an answer is at most twice
     *     that
     * @throws IllegalArgumentException if several are not those of one cluster
     * @throws org.redisson.client.RedisConnectionException if none of them can be reached
     */
    public static RedissonClient connect(List<RedisAddress> addresses, Duration timeout) {
        RedisAddress.requireOneServer(addresses);
        Config config = new Config();
        if (addresses.size() == 1) {
            addresses
                    .get(0)
                    .useAlone(config)
                    .setConnectionPoolSize(CONNECTIONS)
                    .setConnectionMinimumIdleSize(2)
                    .setSubscriptionConnectionPoolSize(2);
            limit(config.useSingleServer(), timeout);
        } else {
            addresses.get(0).authenticate(config);
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

    /**
     * Connects to one Redis.
     *
     * @throws IllegalArgumentException if the address is not understood
     * @throws org.redisson.client.RedisConnectionException if it can't be reached
     */
    public static RedissonClient connect(URI address, Duration timeout) {
        return connect(List.of(RedisAddress.of(address)), timeout);
    }

    private static void limit(BaseConfig<?> config, Duration timeout) {
        config.setTimeout(Math.toIntExact(timeout.toMillis()))
                .setConnectTimeout(Math.toIntExact(timeout.toMillis()))
                .setRetryAttempts(1);
    }
}

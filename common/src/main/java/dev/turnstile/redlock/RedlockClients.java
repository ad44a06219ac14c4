package dev.turnstile.redlock;

import dev.turnstile.redis.RedisAddress;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson clients made for Redlock nodes: small, lazy, and without retries of their own. One thread does the I/O of
 * all of them: each acquisition talks to all nodes at the same time, so that thread is woken once for all, not once for
 * each.
 */
public final class RedlockClients implements AutoCloseable {

    private static final int MIN_CONNECT_TIMEOUT_MS = 1_000;

    private final EventLoopGroup io =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("redlock-io", true), NioIoHandler.newFactory());
    private final ExecutorService executor = Executors.newFixedThreadPool(2, new DefaultThreadFactory("redlock", true));
    private final List<RedissonClient> clients;

    /**
     * Makes a client for each of the nodes. It connects when it is first used, so it is made also for a node that is
     * down.
     *
     * <p>It waits for an answer up to one lease, longer than Redlock itself does, so that a late grant is seen and
     * released; after that the grant has expired.
     */
    public RedlockClients(RedlockProperties properties) {
        this.clients = properties.nodes().stream()
                .map(node -> create(node, properties))
                .toList();
    }

    /** The clients, in the order of the nodes. */
    public List<RedissonClient> clients() {
        return clients;
    }

    private RedissonClient create(RedisAddress node, RedlockProperties properties) {
        int nodeTimeoutMs = Math.toIntExact(properties.nodeTimeout().toMillis());
        Config config =
                new Config().setLazyInitialization(true).setEventLoopGroup(io).setExecutor(executor);
        node.useAlone(config)
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

    @Override
    public void close() {
        clients.forEach(RedissonClient::shutdown);
        Future<?> unused = io.shutdownGracefully();
        executor.shutdown();
    }
}

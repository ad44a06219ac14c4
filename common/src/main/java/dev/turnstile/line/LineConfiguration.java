package dev.turnstile.line;

import dev.turnstile.redis.RedisAddress;
import dev.turnstile.redis.RedisClients;
import dev.turnstile.startup.Server;
import dev.turnstile.startup.Stranger;
import dev.turnstile.stock.EpochLedger;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.RedisStockCache;
import dev.turnstile.stock.StockCache;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import org.redisson.api.RedissonClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The line and the stock cache, over the Redis that {@code turnstile.line.redis} names. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LineProperties.class)
public class LineConfiguration {

    @Bean(destroyMethod = "shutdown")
    RedissonClient lineRedisClient(LineProperties properties) {
        return RedisClients.connect(properties.redis(), properties.redisTimeout());
    }

    @Bean
    LineRedis lineRedis(
            RedissonClient lineRedisClient, EpochLedger epochs, Installation installation, LineProperties properties) {
        LineRedis line = new LineRedis(
                lineRedisClient, (mark, known) -> epochs.next(EpochLedger.LINE, mark, known), installation.id());
        String owner = line.owner();
        if (!owner.equals(installation.id().toString())) {
            throw Stranger.refused(
                    Server.LINE_REDIS,
                    properties.redis().stream().map(RedisAddress::toString).collect(Collectors.joining(",")),
                    owner,
                    installation.id(),
                    "empty it (redis-cli FLUSHDB)");
        }
        return line;
    }

    /** Without a store of requests, orders have no key. */
    @Bean
    TicketLine ticketLine(LineRedis lineRedis, LineProperties properties, ObjectProvider<RequestLimits> requestLimits) {
        RequestLimits requests = requestLimits.getIfAvailable(() -> new RequestLimits(0, Duration.ZERO));
        return new RedisTicketLine(lineRedis, properties, UUID.randomUUID().toString(), requests);
    }

    /** Makes the views of the line for workers. */
    @Bean
    LineHeads lineHeads(LineRedis lineRedis, LineProperties properties) {
        return worker -> new LineHead(lineRedis, properties, worker);
    }

    @Bean
    LineStatus lineStatus(RedissonClient lineRedisClient) {
        return new LineStatus(lineRedisClient);
    }

    @Bean
    StockCache stockCache(RedissonClient lineRedisClient) {
        return new RedisStockCache(lineRedisClient);
    }
}

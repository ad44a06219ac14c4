package dev.turnstile.worker.cache;

import dev.turnstile.stock.CacheReconciler;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RedisStockCache;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.random.RandomGenerator;
import org.redisson.api.RedissonClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class CacheConfiguration {

    @Bean
    CacheRepairs cacheRepairs(Ledger ledger, RedissonClient lineRedisClient, MeterRegistry meters) {
        return new CacheRepairs(new CacheReconciler(ledger, new RedisStockCache(lineRedisClient)), meters);
    }

    /** Warms up the cache at the start, while orders are decided already: a missing entry rejects no order. */
    @Bean
    PeriodicTask cacheReconciliation(CacheRepairs repairs, CacheProperties properties) {
        return new PeriodicTask(
                "cache-reconciler", properties.reconcileInterval(), repairs, RandomGenerator.getDefault());
    }
}

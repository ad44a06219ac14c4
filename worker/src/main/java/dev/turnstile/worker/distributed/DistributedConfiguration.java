package dev.turnstile.worker.distributed;

import dev.turnstile.order.OrderTopics;
import dev.turnstile.redlock.Redlock;
import dev.turnstile.redlock.RedlockProperties;
import dev.turnstile.stock.EpochLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.StockCache;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.kafka.listener.ContainerProperties;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RedlockProperties.class)
class DistributedConfiguration {

    @Bean
    Redlock redlock(RedlockProperties properties, EpochLedger epochs) {
        return Redlock.connect(properties, () -> epochs.next(EpochLedger.REDLOCK));
    }

    @Bean
    DistributedOrdersListener distributedOrdersListener(
            Redlock redlock,
            RedlockProperties lock,
            Ledger ledger,
            StockCache cache,
            Replies replies,
            DeadLetters deadLetters,
            WorkerProperties properties) {
        return new DistributedOrdersListener(redlock, lock.lease(), ledger, cache, replies, deadLetters, properties);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> distributedContainer(
            OrderContainers containers, DistributedOrdersListener listener) {
        ConcurrentMessageListenerContainer<String, byte[]> container = containers.container(
                "distributed", OrderTopics.DISTRIBUTED, listener, new ConsumerAwareRebalanceListener() {});
        container.getContainerProperties().setAckMode(ContainerProperties.AckMode.BATCH);
        return container;
    }
}

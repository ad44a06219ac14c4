package dev.turnstile.worker.distributed;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.redlock.Redlock;
import dev.turnstile.redlock.RedlockProperties;
import dev.turnstile.stock.EpochLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.StockCache;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.worker.DecisionWatch;
import dev.turnstile.worker.KeptOrders;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Function;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RedlockProperties.class)
class DistributedConfiguration {

    /** Seeds new nodes from the ledger at once, so its tables must be there. */
    @Bean
    @DependsOnDatabaseInitialization
    Redlock redlock(RedlockProperties properties, EpochLedger epochs) {
        return Redlock.connect(properties, () -> epochs.next(EpochLedger.REDLOCK));
    }

    @Bean
    KeptOrders<Order> distributedKeptOrders() {
        return new KeptOrders<>(Function.identity());
    }

    @Bean
    DecisionWatch distributedWatch(MeterRegistry registry, OrderSpans spans, KeptOrders<Order> kept) {
        DecisionWatch watch = new DecisionWatch(Mode.DISTRIBUTED, registry, spans);
        watch.watch(kept);
        return watch;
    }

    @Bean
    DistributedDecider distributedDecider(
            KeptOrders<Order> kept,
            Redlock redlock,
            RedlockProperties lock,
            Ledger ledger,
            StockCache cache,
            Replies replies,
            WorkerProperties properties,
            DecisionWatch distributedWatch,
            VitalThreads threads) {
        return new DistributedDecider(
                kept, redlock, lock, ledger, cache, replies, properties, distributedWatch, threads);
    }

    @Bean
    DistributedOrdersListener distributedOrdersListener(
            OrderRecords records,
            KeptOrders<Order> kept,
            TopicAdmin topics,
            DistributedDecider decider,
            DeadLetters deadLetters,
            DecisionWatch distributedWatch) {
        TopicPositions positions = new TopicPositions(
                OrderTopics.DISTRIBUTED, () -> topics.topic(OrderTopics.DISTRIBUTED), kept::restart, System::nanoTime);
        return new DistributedOrdersListener(records, kept, positions, decider, deadLetters, distributedWatch);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> distributedContainer(
            OrderContainers containers, DistributedOrdersListener listener) {
        return containers.container("distributed", OrderTopics.DISTRIBUTED, listener);
    }
}

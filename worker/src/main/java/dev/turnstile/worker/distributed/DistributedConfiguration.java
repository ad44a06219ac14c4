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
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.ReplySender;
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
    InFlightOrders<Order> distributedKeptOrders() {
        return new InFlightOrders<>(Function.identity());
    }

    @Bean
    DecisionTelemetry distributedWatch(MeterRegistry registry, OrderSpans spans, InFlightOrders<Order> kept) {
        DecisionTelemetry watch = new DecisionTelemetry(Mode.DISTRIBUTED, registry, spans);
        watch.watch(kept);
        return watch;
    }

    @Bean
    DistributedDecider distributedDecider(
            InFlightOrders<Order> kept,
            Redlock redlock,
            RedlockProperties lock,
            Ledger ledger,
            StockCache cache,
            ReplySender replies,
            WorkerProperties properties,
            DecisionTelemetry distributedWatch,
            VitalThreads threads) {
        return new DistributedDecider(
                kept, redlock, lock, ledger, cache, replies, properties, distributedWatch, threads);
    }

    @Bean
    DistributedOrdersListener distributedOrdersListener(
            OrderRecords records,
            InFlightOrders<Order> kept,
            TopicAdmin topics,
            DistributedDecider decider,
            DeadLetters deadLetters,
            DecisionTelemetry distributedWatch) {
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

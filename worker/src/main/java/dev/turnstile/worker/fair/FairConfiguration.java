package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHeads;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.EpochLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.worker.DecisionWatch;
import dev.turnstile.worker.KeptOrders;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.PeriodicTask;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.open.OpenTopic;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

@Configuration(proxyBeanMethods = false)
class FairConfiguration {

    private static final Duration EPOCH_INTERVAL = Duration.ofSeconds(10);

    @Bean
    KeptOrders<TicketedOrder> fairKeptOrders() {
        return new KeptOrders<>(TicketedOrder::order, TicketedOrder::ticket);
    }

    @Bean
    DecisionWatch fairWatch(MeterRegistry registry, OrderSpans spans, KeptOrders<TicketedOrder> kept) {
        DecisionWatch watch = new DecisionWatch(Mode.FAIR, registry, spans);
        watch.watch(kept);
        return watch;
    }

    @Bean
    LineHead lineHead(LineHeads heads, WorkerProperties worker) {
        return heads.of(worker.uniqueId());
    }

    @Bean
    Readmission readmission(
            KeptOrders<TicketedOrder> kept, LineHead head, Ledger ledger, Replies replies, DecisionWatch fairWatch) {
        return new Readmission(kept, head, ledger, replies, fairWatch);
    }

    @Bean
    FairDecider fairDecider(
            KeptOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            Replies replies,
            Readmission readmission,
            LineProperties properties,
            DecisionWatch fairWatch,
            VitalThreads threads) {
        return new FairDecider(kept, head, ledger, replies, readmission, properties, fairWatch, threads);
    }

    /** Compares the line's epoch with the ledger's: the line may be lost next, and the ledger have forgotten it. */
    @Bean
    PeriodicTask epochInUse(TicketLine line, EpochLedger epochs) {
        return new PeriodicTask(
                "epoch-in-use",
                EPOCH_INTERVAL,
                pause -> epochs.inUse(
                        EpochLedger.LINE,
                        line.traffic().toCompletableFuture().join().epoch()),
                RandomGenerator.getDefault());
    }

    @Bean
    FairOrdersListener fairOrdersListener(
            OrderRecords records,
            KeptOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            DeadLetters deadLetters,
            OpenTopic openTopic,
            Readmission readmission,
            TopicAdmin topics,
            FairDecider decider,
            LineProperties properties,
            DecisionWatch fairWatch) {
        TopicPositions positions = new TopicPositions(
                OrderTopics.FAIR, () -> topics.topic(OrderTopics.FAIR), kept::restart, System::nanoTime);
        OrphanWatch orphans = new OrphanWatch(
                kept,
                positions,
                topics::ends,
                head,
                ledger,
                readmission,
                decider::claimable,
                properties.recheckInterval());
        return new FairOrdersListener(
                records,
                kept,
                positions,
                head,
                deadLetters,
                openTopic,
                orphans,
                fairWatch,
                decider::claimable,
                decider::readmit,
                decider::isBehind);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> fairContainer(
            OrderContainers containers, FairOrdersListener listener) {
        return containers.container("fair", OrderTopics.FAIR, listener);
    }
}

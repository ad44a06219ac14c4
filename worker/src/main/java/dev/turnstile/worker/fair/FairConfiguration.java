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
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.OrderRecords;
import dev.turnstile.worker.PeriodicTask;
import dev.turnstile.worker.TopicAdmin;
import dev.turnstile.worker.TopicPositions;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.ReplySender;
import dev.turnstile.worker.unticketed.UnticketedTopic;
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
    InFlightOrders<TicketedOrder> fairKeptOrders() {
        return new InFlightOrders<>(TicketedOrder::order, TicketedOrder::ticket);
    }

    @Bean
    DecisionTelemetry fairWatch(MeterRegistry registry, OrderSpans spans, InFlightOrders<TicketedOrder> kept) {
        DecisionTelemetry watch = new DecisionTelemetry(Mode.FAIR, registry, spans);
        watch.watch(kept);
        return watch;
    }

    @Bean
    LineHead lineHead(LineHeads heads, WorkerProperties worker) {
        return heads.of(worker.uniqueId());
    }

    @Bean
    StrayOrderRecovery readmission(
            InFlightOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            ReplySender replies,
            DecisionTelemetry fairWatch) {
        return new StrayOrderRecovery(kept, head, ledger, replies, fairWatch);
    }

    @Bean
    FairDecider fairDecider(
            InFlightOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            ReplySender replies,
            StrayOrderRecovery readmission,
            LineProperties properties,
            DecisionTelemetry fairWatch,
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
            InFlightOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            DeadLetters deadLetters,
            UnticketedTopic unticketedTopic,
            StrayOrderRecovery readmission,
            TopicAdmin topics,
            FairDecider decider,
            LineProperties properties,
            DecisionTelemetry fairWatch) {
        TopicPositions positions = new TopicPositions(
                OrderTopics.FAIR, () -> topics.topic(OrderTopics.FAIR), kept::restart, System::nanoTime);
        OrphanTicketReaper orphans = new OrphanTicketReaper(
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
                unticketedTopic,
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

package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineHeads;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.Parking;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.KeptOrders;
import dev.turnstile.worker.OrderContainers;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.open.OpenTopic;
import dev.turnstile.worker.reply.DeadLetters;
import dev.turnstile.worker.reply.Replies;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;

@Configuration(proxyBeanMethods = false)
class FairConfiguration {

    @Bean
    KeptOrders<Parking> fairKeptOrders() {
        return new KeptOrders<>(Parking::order);
    }

    @Bean
    LineHead lineHead(LineHeads heads, WorkerProperties worker) {
        return heads.of(worker.id());
    }

    @Bean
    Readmission readmission(KeptOrders<Parking> kept, LineHead head, Ledger ledger, Replies replies) {
        return new Readmission(kept, head, ledger, replies);
    }

    @Bean
    FairDecider fairDecider(
            KeptOrders<Parking> kept,
            LineHead head,
            Ledger ledger,
            Replies replies,
            Readmission readmission,
            LineProperties properties) {
        return new FairDecider(kept, head, ledger, replies, readmission, properties);
    }

    @Bean
    FairOrdersListener fairOrdersListener(
            KeptOrders<Parking> kept,
            LineHead head,
            Ledger ledger,
            DeadLetters deadLetters,
            OpenTopic openTopic,
            Readmission readmission,
            FairDecider decider,
            LineProperties properties) {
        OrphanWatch orphans =
                new OrphanWatch(kept, head, ledger, readmission, decider::claimable, properties.recheckInterval());
        return new FairOrdersListener(kept, head, deadLetters, openTopic, orphans, decider::claimable);
    }

    @Bean
    ConcurrentMessageListenerContainer<String, byte[]> fairContainer(
            OrderContainers containers, FairOrdersListener listener) {
        return containers.container("fair", OrderTopics.FAIR, listener);
    }
}

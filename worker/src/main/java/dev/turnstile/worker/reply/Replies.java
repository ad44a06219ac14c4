package dev.turnstile.worker.reply;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.ReplyAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

/** Answers orders over the reply topic. */
@Component
public class Replies {

    private static final Logger log = LoggerFactory.getLogger(Replies.class);

    private final KafkaTemplate<String, byte[]> kafka;

    Replies(KafkaTemplate<String, byte[]> kafka) {
        this.kafka = kafka;
    }

    /**
     * Sends an outcome to where it is awaited.
     *
     * @param to where, or null if nobody waits
     * @return completes when the broker has it, and fails if it does not take it in time; the outcome stands in the ledger
     *     either way
     */
    public CompletableFuture<Void> send(Decision decision, @Nullable ReplyAddress to) {
        if (to == null) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            int partitions = kafka.partitionsFor(to.topic()).size();
            if (to.partition() >= partitions) {
                log.warn(
                        "order {} wants its answer on partition {} of {}, which has {}: not answered",
                        decision.orderId(),
                        to.partition(),
                        to.topic(),
                        partitions);
                return CompletableFuture.completedFuture(null);
            }
            String orderId = decision.orderId().toString();
            ProducerRecord<String, byte[]> reply =
                    new ProducerRecord<>(to.topic(), to.partition(), orderId, OrderJson.write(decision));
            reply.headers().add(OrderTopics.HEADER_CORRELATION_ID, orderId.getBytes(StandardCharsets.UTF_8));
            return kafka.send(reply).thenAccept(sent -> {});
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}

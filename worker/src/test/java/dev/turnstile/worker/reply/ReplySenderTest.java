package dev.turnstile.worker.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.core.KafkaProducerException;
import org.springframework.kafka.core.KafkaTemplate;

/** Where answers go, and what becomes of those that can't be delivered. */
class ReplySenderTest {

    private final KafkaTemplate<String, byte[]> kafka = mock();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Map<String, Integer> partitions = new HashMap<>(Map.of(OrderTopics.REPLIES, 12));
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong now = new AtomicLong();
    private final ReplyTopics topics = new ReplyTopics(
            topic -> {
                asked.incrementAndGet();
                Integer count = partitions.get(topic);
                return count == null
                        ? CompletableFuture.failedStage(new UnknownTopicOrPartitionException(topic))
                        : CompletableFuture.completedStage(count);
            },
            now::get);
    private final ReplySender replies = new ReplySender(kafka, topics, registry, () -> {});
    private final Decision decision =
            new Decision(UUID.randomUUID(), Mode.FAIR, 1L, new Outcome.Fulfilled(List.of()), Instant.ofEpochSecond(1));

    private static ProducerRecord<String, byte[]> anyRecord() {
        return any();
    }

    private CompletableFuture<Void> send(String topic, int partition) {
        return replies.send(decision, new ReplyAddress(topic, partition));
    }

    private double dropped(String reason) {
        return registry.get("turnstile.replies.dropped")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private void brokerSays(Exception failure) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>("any", new byte[0]);
        when(kafka.send(anyRecord()))
                .thenReturn(CompletableFuture.failedFuture(new KafkaProducerException(record, "failed", failure)));
    }

    @Test
    void aTopicThatDoesNotExistHoldsUpNoOrderAndIsNotAskedForAgainAtOnce() {
        assertThat(send("gone", 0)).isCompleted();
        assertThat(send("gone", 0)).isCompleted();
        assertThat(asked).hasValue(1);
        assertThat(dropped("missing")).isEqualTo(2);
        now.addAndGet(ReplyTopics.REFUSED_FOR.toNanos());
        assertThat(send("gone", 0)).isCompleted();
        assertThat(asked).hasValue(2);
    }

    @Test
    void aPartitionThatWasAddedIsFoundAndOneThatDoesNotExistIsDropped() {
        when(kafka.send(anyRecord())).thenReturn(CompletableFuture.completedFuture(null));
        assertThat(send(OrderTopics.REPLIES, 12)).isCompleted();
        assertThat(dropped("missing")).isEqualTo(1);
        partitions.put(OrderTopics.REPLIES, 13);
        assertThat(send(OrderTopics.REPLIES, 12)).isCompleted();
        verify(kafka, times(1)).send(anyRecord());
    }

    @Test
    void aForbiddenTopicAndAnAnswerThatIsTooLargeAreCountedAndDropped() {
        partitions.put("theirs", 1);
        brokerSays(new TopicAuthorizationException("Not authorized to access topics: [theirs]"));
        assertThat(send("theirs", 0)).isCompleted();
        assertThat(dropped("forbidden")).isEqualTo(1);
        brokerSays(new RecordTooLargeException());
        assertThat(send(OrderTopics.REPLIES, 0)).isCompleted();
        assertThat(dropped("too-large")).isEqualTo(1);
    }

    @Test
    void anAnswerFailsWhileTheBrokerIsDown() {
        brokerSays(new TimeoutException("Expiring 1 record(s)"));
        assertThat(send(OrderTopics.REPLIES, 0)).isCompletedExceptionally();
        ReplySender cutOff = new ReplySender(
                kafka,
                new ReplyTopics(topic -> CompletableFuture.failedStage(new DisconnectException()), now::get),
                registry,
                () -> {});
        assertThat(cutOff.send(decision, new ReplyAddress(OrderTopics.REPLIES, 0)))
                .isCompletedExceptionally();
    }

    @Test
    void namesThatAreRememberedAreBounded() {
        for (int i = 0; i < 3 * ReplyTopics.MOST_NAMES; i++) {
            assertThat(send("gone-" + i, 0)).isCompleted();
        }
        assertThat(send("gone-" + (3 * ReplyTopics.MOST_NAMES - 1), 0)).isCompleted();
        assertThat(asked).hasValue(3 * ReplyTopics.MOST_NAMES);
    }
}

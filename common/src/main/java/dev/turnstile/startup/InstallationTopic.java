package dev.turnstile.startup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Compares, before any order is read or sent, to which installation the brokers belong. The first record of
 * {@link OrderTopics#INSTALLATION} has its id; the first process writes it. Processes that write at the same time all
 * read back the first record.
 */
public final class InstallationTopic implements SmartLifecycle {

    private static final TopicPartition PARTITION = new TopicPartition(OrderTopics.INSTALLATION, 0);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(100);

    private final String bootstrapServers;
    private final UUID installation;
    private final Supplier<? extends Consumer<String, byte[]>> consumers;
    private final Supplier<? extends Producer<String, byte[]>> producers;
    private volatile boolean compared;

    /**
     * Makes a comparison that is carried out when the application starts.
     *
     * @param bootstrapServers for messages
     * @param installation the ledger's
     * @param consumers makes one that is closed after use
     * @param producers makes one that is closed after use
     */
    public InstallationTopic(
            String bootstrapServers,
            UUID installation,
            Supplier<? extends Consumer<String, byte[]>> consumers,
            Supplier<? extends Producer<String, byte[]>> producers) {
        this.bootstrapServers = bootstrapServers;
        this.installation = installation;
        this.consumers = consumers;
        this.producers = producers;
    }

    /**
     * Compares, and writes the id if the topic is empty. Blocks.
     *
     * @throws StartupException if the brokers belong to another installation, or the topic is missing
     * @throws org.apache.kafka.common.KafkaException if the brokers can't be asked
     */
    @Override
    public void start() {
        try (Consumer<String, byte[]> consumer = consumers.get()) {
            if (CreatedTopic.partitions(consumer, OrderTopics.INSTALLATION) == 0) {
                throw new StartupException("Kafka at " + bootstrapServers + " (" + Server.KAFKA.property()
                        + ") has no topic " + OrderTopics.INSTALLATION
                        + ": let this account make topics, or make it with one partition and without a retention time");
            }
            consumer.assign(List.of(PARTITION));
            String first = first(consumer);
            if (first == null) {
                write();
                first = first(consumer);
            }
            if (first == null) {
                throw new TimeoutException("the record written to " + PARTITION + " can't be read");
            }
            if (!first.equals(installation.toString())) {
                throw Stranger.refused(
                        Server.KAFKA,
                        bootstrapServers,
                        first,
                        installation,
                        "delete its topics that begin with " + OrderTopics.PREFIX + ", which are made anew");
            }
        }
        compared = true;
    }

    private static @Nullable String first(Consumer<String, byte[]> consumer) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        consumer.seekToBeginning(List.of(PARTITION));
        while (true) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                return record.value() == null ? "" : new String(record.value(), UTF_8);
            }
            long end = consumer.endOffsets(List.of(PARTITION), PATIENCE).getOrDefault(PARTITION, 0L);
            if (consumer.position(PARTITION, PATIENCE) >= end) {
                return null;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("the first record of " + PARTITION + " can't be read");
            }
        }
    }

    private void write() {
        byte[] id = installation.toString().getBytes(UTF_8);
        try (Producer<String, byte[]> producer = producers.get()) {
            producer.send(new ProducerRecord<>(PARTITION.topic(), PARTITION.partition(), "installation", id))
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while the installation was compared");
        }
    }

    @Override
    public void stop() {
        compared = false;
    }

    @Override
    public boolean isRunning() {
        return compared;
    }

    /** Before whatever reads or sends orders. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}

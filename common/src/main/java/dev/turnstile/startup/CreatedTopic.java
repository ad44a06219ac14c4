package dev.turnstile.startup;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;

/** Topics that this process, or another one a moment ago, created: not every broker knows of them yet. */
public final class CreatedTopic {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private CreatedTopic() {}

    /**
     * Asks for a topic's partitions until a broker knows the topic. Blocks.
     *
     * @param consumer that asks
     * @param topic to look up
     * @return its number of partitions, 0 if the topic is still missing after 5 seconds
     * @throws org.apache.kafka.common.KafkaException if the brokers can't be asked
     * @throws StartupException if the thread is interrupted
     */
    public static int partitions(Consumer<?, ?> consumer, String topic) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic, REQUEST_TIMEOUT);
            if (partitions != null && !partitions.isEmpty()) {
                return partitions.size();
            }
            if (System.nanoTime() - deadline >= 0) {
                return 0;
            }
            try {
                Thread.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted while waiting for the topic " + topic);
            }
        }
    }
}

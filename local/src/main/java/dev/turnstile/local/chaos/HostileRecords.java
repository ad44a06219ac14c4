package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Step.Sending;
import dev.turnstile.order.OrderTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts records into the topics of orders that no API made. While the broker is struck some of them don't get there.
 * Safe for use by any thread.
 */
final class HostileRecords implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String FORGED_TICKET = Long.toString(1L << 52);

    private final String bootstrapServers;
    private final Producer<byte[], byte[]> producer;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread daemon = new Thread(work, "hostile-records");
        daemon.setDaemon(true);
        return daemon;
    });

    // guarded by this
    private final Map<UUID, HostileRecord> sent = new HashMap<>();

    /** For the broker at this address, {@code host:port}. */
    HostileRecords(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.producer = producer(Map.of());
    }

    private Producer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "max.block.ms",
                PATIENCE.toMillis(),
                "request.timeout.ms",
                (int) PATIENCE.toMillis() / 2,
                "delivery.timeout.ms",
                (int) PATIENCE.toMillis()));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends a record; returns at once. */
    void send(Sending step) {
        synchronized (this) {
            sent.put(step.orderId(), step.kind());
        }
        thread.execute(() -> {
            try {
                if (step.kind() == HostileRecord.ABORTED) {
                    abort(step);
                } else {
                    producer.send(record(step, producer)).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) { // the broker is struck: it may be there, or not
                return;
            }
        });
    }

    private void abort(Sending step) throws Exception {
        Map<String, Object> transactional =
                Map.of("transactional.id", "hostile-" + step.orderId(), "transaction.timeout.ms", 2000);
        Producer<byte[], byte[]> aborting = producer(transactional);
        try {
            aborting.initTransactions();
            aborting.beginTransaction();
            aborting.send(record(step, aborting)).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            aborting.abortTransaction();
        } catch (KafkaException e) { // the broker ends it after its time
            return;
        } finally {
            aborting.close(PATIENCE);
        }
    }

    private static ProducerRecord<byte[], byte[]> record(Sending step, Producer<byte[], byte[]> producer) {
        int partitions = producer.partitionsFor(step.topic()).size();
        RecordHeaders headers = new RecordHeaders();
        headers.add(OrderTopics.HEADER_ORDER_ID, bytes(step.orderId().toString()));
        switch (step.kind()) {
            case NO_TICKET_VALUE -> headers.add(OrderTopics.HEADER_TICKET, null);
            case FORGED_TICKET -> headers.add(OrderTopics.HEADER_TICKET, bytes(FORGED_TICKET));
            case FOREIGN_INSTALLATION ->
                headers.add(OrderTopics.HEADER_TICKET, bytes(FORGED_TICKET))
                        .add(
                                OrderTopics.HEADER_INSTALLATION,
                                bytes(UUID.nameUUIDFromBytes(
                                                bytes(step.orderId().toString()))
                                        .toString()));
            default -> {} // the fault is in the value
        }
        return new ProducerRecord<>(
                step.topic(),
                (int) (step.partition() * partitions),
                null,
                bytes(step.orderId().toString()),
                value(step),
                headers);
    }

    private static byte @Nullable [] value(Sending step) {
        return switch (step.kind()) {
            case TOMBSTONE -> null;
            case JSON_NULL -> bytes("null");
            case GARBAGE -> new byte[] {(byte) 0xFF, 0, '{'};
            case UNKNOWN_VERSION -> order(step, 99, "1", now(), "null");
            case NEGATIVE_QUANTITY -> order(step, 1, "-1", now(), "null");
            case HUGE_QUANTITY -> order(step, 1, "99999999999", now(), "null");
            case FAR_FUTURE -> order(step, 1, "1", Long.toString(System.currentTimeMillis()), "null");
            case LONG_RUN_NAME -> order(step, 1, "1", now(), '"' + "r".repeat(300) + '"');
            case FOREIGN_INSTALLATION, ABORTED, NO_TICKET_VALUE, FORGED_TICKET -> order(step, 1, "1", now(), "null");
        };
    }

    private static String now() {
        return '"' + Instant.now().toString() + '"';
    }

    private static byte[] order(Sending step, int version, String quantity, String acceptedAt, String replayRun) {
        String mode = step.topic().equals(OrderTopics.DISTRIBUTED) ? "distributed" : "fair";
        return bytes("""
                {"v":%d,"order":{"id":"%s","mode":"%s","lines":[{"productId":%d,"quantity":%s}],\
                "acceptedAt":%s,"replyTo":null,"replayRun":%s}}""".formatted(version, step.orderId(), mode, step.productId(), quantity, acceptedAt, replayRun));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What may be in the topics, by the ids of the orders in it. */
    synchronized Map<UUID, HostileRecord> sent() {
        return Map.copyOf(sent);
    }

    /** Waits for what is on its way. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(4 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(PATIENCE);
    }
}

package dev.turnstile.local.sale;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Another producer, and a reader of what travels. */
final class KafkaClient implements AutoCloseable {

    /** Not the common pool, which has one thread on two cores. */
    static final Executor THREAD_EACH = task -> new Thread(task).start();

    private static final Duration POLL = Duration.ofMillis(100);

    private final String servers;
    private final KafkaProducer<String, byte[]> producer;

    KafkaClient(String servers) {
        this.servers = servers;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "acks", "all"), new StringSerializer(), new ByteArraySerializer());
    }

    void makeTopic(String name) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    /** Sends records one after the other and waits until the broker has them. */
    void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
        for (Future<RecordMetadata> future : sent) {
            future.get();
        }
    }

    /** Sends distributed orders for one piece each, of a random one of the products, without a reply address. */
    void sendDistributed(List<Long> products, int count) throws ExecutionException, InterruptedException {
        RandomGenerator random = new SplittableRandom(count);
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            OrderLine line = new OrderLine(products.get(random.nextInt(products.size())), 1);
            Order order = new Order(UUID.randomUUID(), Mode.DISTRIBUTED, List.of(line), Instant.now(), null, null);
            records.add(new ProducerRecord<>(OrderTopics.DISTRIBUTED, order.id().toString(), OrderJson.write(order)));
        }
        send(records);
    }

    /** Where the partitions of a topic end now. */
    Map<TopicPartition, Long> ends(String topic) {
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            return consumer.endOffsets(partitions(consumer, topic));
        }
    }

    /** All that a topic got since its partitions ended there. */
    List<ConsumerRecord<String, byte[]>> since(Map<TopicPartition, Long> starts) {
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(starts.keySet()));
            consumer.assign(starts.keySet());
            starts.forEach(consumer::seek);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(records::add);
            }
            return records;
        }
    }

    /** Listens to a topic from now on. */
    Tap tap(String topic) {
        return new Tap(consumer(), topic);
    }

    /** Notes when each order of a topic is seen in it. */
    static final class Tap implements AutoCloseable {

        private final Map<UUID, Long> seen = new ConcurrentHashMap<>();
        private final AtomicBoolean open = new AtomicBoolean(true);
        private final CompletableFuture<Void> reading;

        private Tap(KafkaConsumer<String, byte[]> consumer, String topic) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position); // only now it has looked where the end is
            this.reading = CompletableFuture.runAsync(
                    () -> {
                        try (consumer) {
                            while (open.get()) {
                                consumer.poll(POLL)
                                        .forEach(record -> seen.put(
                                                UUID.fromString(header(record, OrderTopics.HEADER_ORDER_ID)),
                                                System.nanoTime()));
                            }
                        }
                    },
                    THREAD_EACH);
        }

        /** By {@link System#nanoTime()}. */
        Map<UUID, Long> seenAtNanos() {
            return Map.copyOf(seen);
        }

        @Override
        public void close() {
            open.set(false);
            reading.join();
        }
    }

    /** The client id of the group's member that has the partition in which records with this key are. */
    String ownerOf(String group, String topic, String key) throws ExecutionException, InterruptedException {
        int count = producer.partitionsFor(topic).size();
        int partition = BuiltInPartitioner.partitionForKey(key.getBytes(UTF_8), count);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            return admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
                    .filter(member ->
                            member.assignment().topicPartitions().contains(new TopicPartition(topic, partition)))
                    .findFirst()
                    .orElseThrow()
                    .clientId();
        }
    }

    int partitionCount(String topic) {
        return producer.partitionsFor(topic).size();
    }

    /** How many consumers a group has. */
    int members(String group) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            return admin.describeConsumerGroups(List.of(group))
                    .all()
                    .get()
                    .get(group)
                    .members()
                    .size();
        }
    }

    static String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    /** To close one takes as long as the broker may keep its last fetches waiting. */
    private KafkaConsumer<String, byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers, "enable.auto.commit", "false", "fetch.max.wait.ms", "50"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
        return consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}

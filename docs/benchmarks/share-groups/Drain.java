import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

/**
 * Drains a topic of 12 partitions by a consumer group, which commits its offsets after each batch, and by a share group,
 * which accepts each record and commits that after each batch. The consumers have joined before the records are written;
 * the time runs from when they may go on until the last commit is answered.
 *
 * <p>java Drain.java 127.0.0.1:29092 RECORDS REPETITIONS CONSUMERS,... RECORDS_PER_FLUSH
 */
public class Drain {

    private static final Duration POLL = Duration.ofMillis(100);

    private final Set<Long> done = ConcurrentHashMap.newKeySet();
    private final AtomicInteger batches = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private final CountDownLatch joined = new CountDownLatch(1);
    private final Semaphore idle = new Semaphore(0);
    private final CountDownLatch go = new CountDownLatch(1);

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(7);
        Map<String, List<Double>> rates = new TreeMap<>();
        for (int repetition = 0; repetition <= Integer.parseInt(arguments[2]); repetition++) { // 0 warms up
            for (String consumers : arguments[3].split(",")) {
                List<String> kinds = new ArrayList<>(List.of("consumer", "share"));
                Collections.shuffle(kinds, random);
                for (String kind : kinds) {
                    String what = "%d, %2s consumers, %s group".formatted(Math.min(repetition, 1), consumers, kind);
                    rates.computeIfAbsent(what, key -> new ArrayList<>()).add(new Drain().run(arguments[0], kind.equals("share"),
                            Integer.parseInt(consumers), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[4]), what));
                }
            }
        }
        rates.values().forEach(Collections::sort);
        rates.forEach((what, all) -> System.out.printf("%s: %.0f (%.0f to %.0f)%n", what,
                all.get(all.size() / 2), all.get(0), all.get(all.size() - 1)));
    }

    private double run(String servers, boolean share, int consumers, int records, int together, String what) throws Exception {
        String name = "drain-" + UUID.randomUUID();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(name, 12, (short) 1))).all().get();
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, name), List.of(new AlterConfigOp(
                    new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)))).all().get();
            List<Future<Long>> ends = new ArrayList<>();
            for (int i = 0; i < consumers; i++) {
                ends.add(threads.submit(() -> consume(servers, share, name, records)));
            }
            while (assigned(admin, share, name) < (share ? consumers : Math.min(consumers, 12))) {
                Thread.sleep(100);
            }
            joined.countDown();
            idle.acquire(consumers);
            fill(servers, name, records, together);
            long start = System.nanoTime();
            go.countDown();
            long end = start;
            for (Future<Long> each : ends) {
                end = Math.max(end, each.get());
            }
            admin.deleteTopics(List.of(name)).all().get();
            double rate = records / ((end - start) / 1e9);
            System.out.printf("%s: %.0f records/s, %s batches, %s came twice%n", what, rate, batches, again);
            return rate;
        } finally {
            threads.shutdown();
        }
    }

    private long consume(String servers, boolean share, String name, int records) throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", servers, "group.id", name, "max.poll.records", 500));
        var bytes = new ByteArrayDeserializer();
        if (share) {
            settings.put("share.acknowledgement.mode", "explicit");
            try (var consumer = new KafkaShareConsumer<>(settings, bytes, bytes)) {
                consumer.subscribe(List.of(name));
                return drain(() -> consumer.poll(POLL), batch -> {
                    batch.forEach(consumer::acknowledge);
                    consumer.commitSync();
                }, records);
            }
        }
        settings.putAll(Map.of("enable.auto.commit", false, "auto.offset.reset", "earliest", "session.timeout.ms", 10000,
                "partition.assignment.strategy", CooperativeStickyAssignor.class.getName()));
        try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            consumer.subscribe(List.of(name));
            return drain(() -> consumer.poll(POLL), batch -> consumer.commitSync(), records);
        }
    }

    private long drain(Callable<ConsumerRecords<byte[], byte[]>> poll,
            Consumer<ConsumerRecords<byte[], byte[]>> commit, int records) throws Exception {
        while (joined.getCount() > 0) {
            poll.call();
        }
        idle.release();
        go.await();
        long end = 0;
        while (done.size() < records) {
            ConsumerRecords<byte[], byte[]> batch = poll.call();
            if (!batch.isEmpty()) {
                commit.accept(batch);
                end = System.nanoTime();
                batches.incrementAndGet();
                batch.forEach(record -> {
                    if (!done.add(record.partition() * 1_000_000_000L + record.offset())) {
                        again.incrementAndGet();
                    }
                });
            }
        }
        return end;
    }

    private static long assigned(Admin admin, boolean share, String name) throws InterruptedException {
        try {
            return share
                    ? admin.describeShareGroups(List.of(name)).all().get().get(name).members().stream()
                            .filter(member -> !member.assignment().topicPartitions().isEmpty()).count()
                    : admin.describeConsumerGroups(List.of(name)).all().get().get(name).members().stream()
                            .filter(member -> !member.assignment().topicPartitions().isEmpty()).count();
        } catch (ExecutionException e) {
            return 0; // nobody has joined yet
        }
    }

    private static void fill(String servers, String topic, int records, int together) {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers, "linger.ms", 1, "max.in.flight.requests.per.connection", 1);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 1; i <= records; i++) {
                producer.send(new ProducerRecord<>(topic, UUID.randomUUID().toString(), new byte[300]));
                if (i % together == 0) {
                    producer.flush();
                }
            }
        }
    }
}

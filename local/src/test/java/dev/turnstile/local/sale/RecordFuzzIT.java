package dev.turnstile.local.sale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.turnstile.fuzz.RecordFuzzer;
import dev.turnstile.fuzz.RecordFuzzer.Shot;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.local.system.OnSharedSystem;
import dev.turnstile.local.system.SharedSystem;
import dev.turnstile.order.Mode;
import dev.turnstile.proof.Proofs;
import dev.turnstile.stock.Installation;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/**
 * Records that the worker's own tests give to its reader alone, on the topics of the whole system. After each batch an
 * order is sent in each mode over HTTP; {@code -Dturnstile.seed=…} sends the same records again.
 */
@OnSharedSystem
@Timeout(3600)
class RecordFuzzIT {

    /** Of every build; with proofs it is another one each time. */
    private static final long SEED = 20261201;

    private static final int RECORDS = Proofs.times(3_000, 100_000);
    private static final int BATCH = 500;
    private static final int STOCK = 1_000_000_000;

    /** How long an honest order behind a batch may take at most, and most of them. */
    private static final Duration HONEST_WITHIN = Duration.ofSeconds(10);

    private static final Duration MOSTLY_WITHIN = Duration.ofSeconds(2);

    private static final List<String> COMPRESSIONS = List.of("none", "gzip", "snappy", "lz4", "zstd");

    /** What the broker took of that which is right, by order. */
    private final Map<UUID, Shot> taken = new HashMap<>();

    /** How long honest orders took, in ms. */
    private final Map<Mode, List<Long>> honestMs = new EnumMap<>(Mode.class);

    private int refused;

    @Test
    void whateverIsWrittenToTheTopicsSellsWhatIsRightAndHoldsUpNobody(TestReporter reporter) throws Exception {
        long seed = Long.getLong("turnstile.seed", Proofs.wanted() ? System.nanoTime() : SEED);
        reporter.publishEntry("turnstile.seed", "" + seed);
        ServerAddresses servers = SharedStack.get().addresses();
        try (Shop shop = new Shop(SharedSystem.get(), servers)) {
            List<Long> products = List.of(shop.product(STOCK), shop.product(STOCK), shop.product(STOCK));
            long before = shop.committed();
            long begun = System.nanoTime();
            UUID installation = Installation.of(shop.dataSource()).id();
            long now = System.currentTimeMillis();
            RecordFuzzer fuzzer = new RecordFuzzer(seed, products, installation, now);
            RecordFuzzer takenBack = new RecordFuzzer(~seed, products, installation, now);
            Set<UUID> honest = new HashSet<>();
            for (int batch = 0; batch * BATCH < RECORDS; batch++) {
                String compression = COMPRESSIONS.get(batch % COMPRESSIONS.size());
                abort(servers.kafka(), takenBack, compression);
                send(servers.kafka(), fuzzer, compression, batch % 3 == 2);
                honest.addAll(order(shop, products.get(0)));
            }
            assertThat(taken).as("orders that are right").hasSizeGreaterThan(RECORDS / 4);
            Set<UUID> sold = new HashSet<>(honest);
            Map<Long, Long> left = new LinkedHashMap<>();
            products.forEach(product -> left.put(product, (long) STOCK));
            left.merge(products.get(0), (long) -honest.size(), Long::sum);
            taken.forEach((id, shot) -> {
                if (products.containsAll(shot.pieces().keySet())) {
                    sold.add(id);
                    shot.pieces().forEach((product, count) -> left.merge(product, (long) -count, Long::sum));
                }
            });
            Set<UUID> orders = new HashSet<>(taken.keySet());
            orders.addAll(honest);
            await().atMost(Shop.PATIENCE).untilAsserted(() -> {
                Set<UUID> missing = new HashSet<>(orders);
                missing.removeAll(decided(shop, before, "status <> 'INVALID'"));
                assertThat(missing.stream().map(id -> id + ", now " + shop.status(id) + ": " + taken.get(id)))
                        .as("-Dturnstile.seed=%s", seed)
                        .isEmpty();
            });
            assertThat(decided(shop, before, "status <> 'INVALID'")).isEqualTo(orders);
            assertThat(decided(shop, before, "status = 'FULFILLED'")).isEqualTo(sold);
            assertThat(decided(shop, before, "overtaken = TRUE")).isEmpty();
            for (Mode mode : Mode.values()) {
                assertThat(took(mode, 0.5)).as("%s: %s", mode, honestMs).isLessThan(MOSTLY_WITHIN.toMillis());
            }
            for (Map.Entry<Long, Long> product : left.entrySet()) {
                await().atMost(Shop.PATIENCE).untilAsserted(() -> assertThat(shop.stock(product.getKey()))
                        .isEqualTo(product.getValue() + "/" + product.getValue()));
            }
            shop.assertAuditFindsNothing();
            Proofs.show(
                    reporter,
                    "only valid orders are sold, and no record delays an order, for any records in the order topics",
                    ("%,d records, %,d orders of them right, %,d not taken by the broker; behind each %,d of them an honest order"
                                    + " in %,d ms, at most %,d (fair), %,d ms, at most %,d (distributed); %d s in all")
                            .formatted(
                                    RECORDS,
                                    taken.size(),
                                    refused,
                                    BATCH,
                                    took(Mode.FAIR, 0.5),
                                    took(Mode.FAIR, 1),
                                    took(Mode.DISTRIBUTED, 0.5),
                                    took(Mode.DISTRIBUTED, 1),
                                    Duration.ofNanos(System.nanoTime() - begun).toSeconds()));
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String kafka, String compression, boolean transactional) {
        Map<String, Object> settings = new HashMap<>(
                Map.of("bootstrap.servers", kafka, "acks", "all", "linger.ms", 5, "compression.type", compression));
        if (transactional) {
            settings.put("transactional.id", "record-fuzz-" + UUID.randomUUID());
        }
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        if (transactional) {
            producer.initTransactions();
            producer.beginTransaction();
        }
        return producer;
    }

    private void send(String kafka, RecordFuzzer fuzzer, String compression, boolean transactional)
            throws ExecutionException, InterruptedException {
        List<Shot> late = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka, compression, transactional)) {
            Map<Shot, Future<RecordMetadata>> sent = new LinkedHashMap<>();
            for (int i = 0; i < BATCH; i++) {
                Shot shot = fuzzer.next();
                if (isLate(shot)) {
                    late.add(shot); // the broker may refuse it, and with it whatever is sent together with it
                } else {
                    sent.put(shot, producer.send(record(shot)));
                }
            }
            for (Map.Entry<Shot, Future<RecordMetadata>> one : sent.entrySet()) {
                one.getValue().get();
                note(one.getKey());
            }
            if (transactional) {
                producer.commitTransaction();
            }
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka, compression, false)) {
            for (Shot shot : late) {
                try {
                    producer.send(record(shot)).get();
                    note(shot);
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(InvalidTimestampException.class);
                    refused++;
                }
            }
        }
    }

    /** What a producer takes back is no order, however right it is. */
    private static void abort(String kafka, RecordFuzzer fuzzer, String compression)
            throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka, compression, true)) {
            List<Future<RecordMetadata>> sent = Stream.generate(fuzzer::next)
                    .limit(BATCH / 10)
                    .filter(shot -> !isLate(shot))
                    .map(shot -> producer.send(record(shot)))
                    .toList();
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
            producer.abortTransaction();
        }
    }

    private static boolean isLate(Shot shot) {
        return shot.timestampMs()
                > System.currentTimeMillis() + Duration.ofMinutes(50).toMillis();
    }

    private void note(Shot shot) {
        if (shot.right()) {
            taken.put(shot.orderId(), shot);
        }
    }

    private static ProducerRecord<byte[], byte[]> record(Shot shot) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(shot.topic(), null, shot.timestampMs(), shot.key(), shot.value());
        shot.headers().forEach(part -> record.headers().add(part.name(), part.value()));
        return record;
    }

    /** Orders one piece in each mode, and waits for both. */
    private Set<UUID> order(Shop shop, long product) {
        Map<Mode, CompletableFuture<HttpResponse<String>>> answers = new EnumMap<>(Mode.class);
        Map<Mode, Long> tookMs = new EnumMap<>(Mode.class);
        long start = System.nanoTime();
        for (Mode mode : Mode.values()) {
            answers.put(mode, shop.send(mode, Shop.order(product, 1)));
        }
        Set<UUID> ids = new HashSet<>();
        answers.forEach((mode, answer) -> {
            await().pollInterval(Duration.ofMillis(5)).atMost(HONEST_WITHIN).until(answer::isDone);
            tookMs.put(mode, Duration.ofNanos(System.nanoTime() - start).toMillis());
            assertThat(answer.join().statusCode()).as(answer.join().body()).isEqualTo(200);
            ids.add(UUID.fromString(Shop.json(answer.join()).path("orderId").asString()));
        });
        tookMs.forEach((mode, took) ->
                honestMs.computeIfAbsent(mode, all -> new ArrayList<>()).add(took));
        return ids;
    }

    /** How long that share of the honest orders of a mode took at most, in ms. */
    private long took(Mode mode, double share) {
        List<Long> all = new ArrayList<>(honestMs.getOrDefault(mode, List.of()));
        Collections.sort(all);
        return all.get((int) Math.ceil(share * all.size()) - 1);
    }

    private static Set<UUID> decided(Shop shop, long since, String how) {
        return new HashSet<>(shop.jdbc()
                .query(
                        "SELECT order_id FROM orders WHERE commit_seq > ? AND " + how,
                        (row, number) -> {
                            ByteBuffer id = ByteBuffer.wrap(row.getBytes(1));
                            return new UUID(id.getLong(), id.getLong());
                        },
                        since));
    }
}

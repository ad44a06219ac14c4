package dev.turnstile.local.replay;

import dev.turnstile.local.demo.HostInfo;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.replay.Recording.Passed;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Sends recorded orders again, as load: an open loop, whose orders are due at times that were fixed before, whatever
 * the system does. Latency counts from when an order was due, so that an order that a stalled system kept from being
 * sent counts with all its delay (no coordinated omission).
 */
public final class Replay {

    /** Below this a sleeping thread is woken too late; it polls the clock instead. */
    private static final long SPIN_NANOS = 200_000;

    /** Records that are made and not sent, before the first one is. */
    private static final int WARM_UP = 2_000;

    private static final Duration LEAD = Duration.ofMillis(100);
    private static final Duration TELL_INTERVAL = Duration.ofMillis(100);
    private static final Duration STOPPED_WAIT = Duration.ofSeconds(1);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration KAFKA_PATIENCE = Duration.ofSeconds(10);
    private static final DateTimeFormatter RUN_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final ReplayPlan plan;
    private final String kafka;
    private final @Nullable LedgerAccess ledger;

    /**
     * How to reach the ledger.
     *
     * @param url of the database, {@code jdbc:mysql://…}
     * @param user who may read it
     * @param password the user's password
     */
    public record LedgerAccess(String url, String user, String password) {}

    /**
     * Makes a replay.
     *
     * @param kafka bootstrap servers
     * @param ledger where recorded outcomes are looked up, or null to compare nothing
     */
    public Replay(ReplayPlan plan, String kafka, @Nullable LedgerAccess ledger) {
        this.plan = plan;
        this.kafka = kafka;
        this.ledger = ledger;
    }

    /**
     * Reads what would be replayed, and sends nothing.
     *
     * @throws UserError if there is nothing to replay or a server can't be reached
     * @throws InterruptedException if interrupted
     */
    public Preview preview(Stop stop) throws InterruptedException {
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            requireTopics();
            Preview preview = Preview.of(plan, open(consumer), stop);
            if (preview.orders() == 0 && !stop.requested()) {
                throw nothing(preview.passed());
            }
            return preview;
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    /**
     * Replays.
     *
     * @param progress receives the progress
     * @param stop ends it early
     * @throws UserError if there is nothing to replay or a server can't be reached
     * @throws InterruptedException if interrupted
     */
    public ReplayResult run(Progress progress, Stop stop) throws InterruptedException {
        Tally tally = new Tally(Tally.MOST_UNDER_WAY);
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            requireTopics();
            Recording recording = open(consumer);
            requireLedger();
            try (Admin admin = Admin.create(common())) {
                OutcomeListener.makeTopic(admin);
            }
            Producer<String, byte[]> producer = producer();
            try (OutcomeListener listener = new OutcomeListener(consumer(), tally)) {
                Sending sending = new Sending(producer, listener, tally, progress, stop);
                try (ReadAhead orders = new ReadAhead(recording)) {
                    progress.begin(Math.min(recording.size(), sending.most));
                    sending.run(orders);
                }
                sending.requireOrders();
                sending.awaitOutcomes();
                return sending.result();
            } finally {
                producer.close(CLOSE_PATIENCE);
            }
        } catch (KafkaException e) {
            throw unreachable(e);
        }
    }

    private Recording open(KafkaConsumer<String, byte[]> consumer) {
        return new Recording(consumer, plan.topic(), plan.range(), plan.withReplayed());
    }

    private void requireTopics() throws InterruptedException {
        Set<String> topics;
        try (Admin admin = Admin.create(common())) {
            topics = admin.listTopics().names().get();
        } catch (ExecutionException e) {
            throw new UserError("Kafka at " + kafka + " does not answer: " + e.getCause(), e);
        }
        requireTopic("--topic", plan.topic(), topics);
        if (plan.target() != null) {
            requireTopic("--to-topic", plan.target(), topics);
        }
    }

    /** Before anything is sent that could not be compared. */
    private void requireLedger() {
        LedgerAccess access = ledger;
        if (access != null) {
            try (OutcomeLedger rows = new OutcomeLedger(access.url(), access.user(), access.password())) {
                Map<UUID, OutcomeLedger.Row> unused = rows.find(List.of(new UUID(0, 0)));
            } catch (DataAccessException e) {
                throw new UserError(
                        "the ledger can't be asked: " + e.getMostSpecificCause().getMessage(), e);
            }
        }
    }

    private void requireTopic(String flag, String topic, Set<String> topics) {
        if (!topics.contains(topic)) {
            throw new UserError(flag + ": there is no topic " + topic + " at " + kafka + "; there are "
                    + topics.stream()
                            .filter(name -> name.startsWith("orders."))
                            .sorted()
                            .toList());
        }
    }

    private UserError nothing(Passed passed) {
        String first = passed.firstUnreadable();
        return new UserError("nothing to replay: of the " + passed.read() + " records of " + plan.topic()
                + plan.range().describe() + ", " + passed.unreadable() + " hold no order"
                + (first == null ? "" : " (the first: " + first + ")") + " and " + passed.ofReplays()
                + " are of earlier replays, which --with-replayed includes"
                + (passed.withoutRecord() == 0 ? "" : "; " + ReplayReport.withoutRecord(passed.withoutRecord())));
    }

    private UserError unreachable(KafkaException e) {
        return new UserError("Kafka at " + kafka + " failed: " + e.getMessage(), e);
    }

    private Map<String, Object> common() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka);
        settings.put("client.id", "turnstile-replay");
        settings.put("enable.metrics.push", false);
        settings.put("default.api.timeout.ms", Math.toIntExact(KAFKA_PATIENCE.toMillis()));
        settings.put("request.timeout.ms", Math.toIntExact(KAFKA_PATIENCE.toMillis()) / 2);
        return settings;
    }

    private KafkaConsumer<String, byte[]> consumer() {
        Map<String, Object> settings = common();
        settings.put("enable.auto.commit", false);
        settings.put("auto.offset.reset", "none");
        settings.put("isolation.level", "read_committed"); // as workers read
        settings.put("allow.auto.create.topics", false);
        settings.put("fetch.max.wait.ms", 50); // to close it takes as long
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Producer<String, byte[]> producer() {
        Map<String, Object> settings = common();
        settings.remove("default.api.timeout.ms");
        settings.put("acks", "all");
        settings.put("max.block.ms", 5_000);
        settings.put("delivery.timeout.ms", Math.toIntExact(DELIVERY_TIMEOUT.toMillis()));
        // gaps are kept up to the broker; without gaps batches go together
        settings.put("linger.ms", plan.speed().isMax() ? 5 : 0);
        settings.put("batch.size", 65_536);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** One run of the replay. */
    private final class Sending {

        private final Producer<String, byte[]> producer;
        private final OutcomeListener listener;
        private final Tally tally;
        private final Progress progress;
        private final Stop stop;
        private final String run =
                "replay-" + RUN_TIME.format(Instant.now()) + "-" + String.format("%06x", new Random().nextInt(1 << 24));
        private final ReplayedOrders orders = new ReplayedOrders(plan, run, OutcomeListener.address());
        private final Pace pace = new Pace(plan.speed(), plan.maxRate());
        private final boolean scheduled = !plan.speed().isMax() || plan.maxRate() != null;
        private final GapMeter gaps = new GapMeter();
        private final long most = plan.maxCount() == null ? Long.MAX_VALUE : plan.maxCount();
        private final Set<Mode> modes = EnumSet.noneOf(Mode.class);
        private Instant startedAt = Instant.now();
        private long startNanos;
        private long firstMs;
        private long lastMs;
        private long lastDueNanos;
        private final AtomicLong unacknowledged = new AtomicLong();
        private long toldAt;
        private Passed passed = Passed.NOTHING;
        private @Nullable String gaveUp;

        Sending(
                Producer<String, byte[]> producer,
                OutcomeListener listener,
                Tally tally,
                Progress progress,
                Stop stop) {
            this.producer = producer;
            this.listener = listener;
            this.tally = tally;
            this.progress = progress;
            this.stop = stop;
        }

        void run(ReadAhead recorded) throws InterruptedException {
            TopicOrder next = recorded.next(stop);
            if (next == null) {
                passed = recorded.passed();
                return;
            }
            warmUp(next);
            Duration lead = scheduled ? LEAD : Duration.ZERO;
            startedAt = Instant.now().plus(lead);
            startNanos = System.nanoTime() + lead.toNanos();
            firstMs = next.timestampMs();
            while (next != null) {
                long afterStart = pace.nextNanos(next.timestampMs());
                // made before it is due, so that little is left to do then
                Order order = orders.order(next, scheduled ? startedAt.plusNanos(afterStart) : Instant.now());
                ProducerRecord<String, byte[]> record = orders.record(next, order);
                if (!awaitTurn(startNanos + afterStart)) {
                    break;
                }
                send(next, order, record, startNanos + afterStart);
                next = tally.sent() < most ? recorded.next(stop) : null;
            }
            passed = recorded.passed();
            awaitAcknowledgements();
        }

        /** Reports in one line why nothing was sent, if there was nothing. */
        void requireOrders() {
            if (tally.sent() == 0 && !stop.requested()) {
                throw nothing(passed);
            }
        }

        /** So that the first orders don't wait for metadata, classes and the compiler. */
        private void warmUp(TopicOrder first) {
            for (int i = 0; i < WARM_UP; i++) {
                ProducerRecord<String, byte[]> unused = orders.record(first, orders.order(first, Instant.now()));
            }
            for (Mode mode : Mode.values()) {
                producer.partitionsFor(ReplayPlan.topicOf(mode));
            }
        }

        /** Waits until an order is due and may be sent; false if it is not to be sent any more. */
        private boolean awaitTurn(long dueNanos) {
            long lastProgress = System.nanoTime();
            long answered = tally.answered();
            while (!stop.requested()) {
                listener.check();
                long now = System.nanoTime();
                tell(now);
                if (!tally.hasRoom()) {
                    if (tally.answered() != answered) {
                        answered = tally.answered();
                        lastProgress = now;
                    } else if (now - lastProgress > plan.patience().toNanos()) {
                        gaveUp = "no outcome came for " + plan.patience().toSeconds() + " s while "
                                + tally.countUnderWay() + " orders were in flight";
                        return false;
                    }
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                } else if (now >= dueNanos || !scheduled) {
                    return true;
                } else if (dueNanos - now > SPIN_NANOS) {
                    LockSupport.parkNanos(Math.min(
                            dueNanos - now - SPIN_NANOS, TimeUnit.MILLISECONDS.toNanos(Stop.NOTICED_WITHIN_MS)));
                } else {
                    Thread.onSpinWait();
                }
            }
            return false;
        }

        private void send(TopicOrder recorded, Order order, ProducerRecord<String, byte[]> record, long dueNanos) {
            modes.add(order.mode());
            lastMs = Math.max(lastMs, recorded.timestampMs());
            lastDueNanos = dueNanos;
            long now = System.nanoTime();
            tally.sending(recorded.order().id(), order, scheduled ? dueNanos : now);
            gaps.sent(scheduled ? dueNanos : now, now);
            unacknowledged.incrementAndGet();
            try {
                var unused = producer.send(record, (metadata, failure) -> {
                    unacknowledged.decrementAndGet();
                    if (failure != null) {
                        tally.notSent(order.id(), String.valueOf(failure.getMessage()));
                    }
                });
            } catch (KafkaException e) {
                unacknowledged.decrementAndGet();
                tally.notSent(order.id(), String.valueOf(e.getMessage()));
            }
        }

        private void tell(long now) {
            if (now - toldAt >= TELL_INTERVAL.toNanos()) {
                toldAt = now;
                progress.sending(tally.sent(), tally.answered());
            }
        }

        private void awaitAcknowledgements() throws InterruptedException {
            long start = System.nanoTime();
            while (unacknowledged.get() > 0) {
                Duration patience = stop.requested() ? STOPPED_WAIT : DELIVERY_TIMEOUT;
                if (System.nanoTime() - start > patience.toNanos()) {
                    return;
                }
                tell(System.nanoTime());
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }

        /** Waits as long as outcomes keep coming. */
        void awaitOutcomes() throws InterruptedException {
            progress.sending(tally.sent(), tally.answered());
            long lastProgress = System.nanoTime();
            long missing = tally.countUnderWay();
            while (missing > 0) {
                listener.check();
                progress.waiting(missing);
                Duration patience = stop.requested() ? STOPPED_WAIT : plan.patience();
                if (System.nanoTime() - lastProgress > patience.toNanos()) {
                    break;
                }
                TimeUnit.MILLISECONDS.sleep(10);
                int now = tally.countUnderWay();
                if (now != missing) {
                    missing = now;
                    lastProgress = System.nanoTime();
                }
            }
            progress.waiting(missing);
        }

        ReplayResult result() {
            Comparison comparison = null;
            String notCompared = null;
            LedgerAccess access = ledger;
            if (access != null && tally.sent() > 0) {
                try (OutcomeLedger rows = new OutcomeLedger(access.url(), access.user(), access.password())) {
                    findMissing(rows);
                    comparison = Comparison.of(tally, rows);
                } catch (DataAccessException e) {
                    notCompared = String.valueOf(e.getMostSpecificCause().getMessage());
                }
            }
            double spanMs = gaps.spanMs();
            int sent = tally.sent();
            double decidedMs = (tally.lastAnswerNanos() - startNanos) / 1e6;
            ReplayResult.Counts counts = new ReplayResult.Counts(
                    passed.read(),
                    passed.unreadable(),
                    passed.firstUnreadable(),
                    passed.ofReplays(),
                    passed.withoutRecord(),
                    sent,
                    tally.notSent(),
                    tally.firstProblem(),
                    tally.answered(),
                    tally.found(),
                    tally.countUnderWay());
            return new ReplayResult(
                    run,
                    startedAt,
                    stop.requested() ? "it was stopped" : gaveUp,
                    plan.topic(),
                    plan.range().describe().strip(),
                    modes.stream().map(ReplayPlan::topicOf).toList(),
                    plan.speed().toString(),
                    plan.maxRate(),
                    counts,
                    sent == 0 ? 0 : lastMs - firstMs,
                    scheduled && sent > 0 ? (lastDueNanos - startNanos) / 1e6 : 0,
                    spanMs,
                    scheduled ? gaps.gaps() : null,
                    spanMs > 0 ? (sent - 1) * 1000.0 / spanMs : 0,
                    tally.answered() > 0 && decidedMs > 0 ? tally.answered() * 1000.0 / decidedMs : 0,
                    tally.latency(),
                    tally.countsByStatus(),
                    comparison,
                    notCompared,
                    HostInfo.here());
        }

        private void findMissing(OutcomeLedger rows) {
            List<UUID> missing = new ArrayList<>(tally.underWay());
            for (int from = 0; from < missing.size(); from += OutcomeLedger.ASKED_AT_ONCE) {
                List<UUID> page = missing.subList(from, Math.min(from + OutcomeLedger.ASKED_AT_ONCE, missing.size()));
                for (OutcomeLedger.Row row : rows.find(page).values()) {
                    tally.found(row.orderId(), row.outcome());
                }
            }
        }
    }
}

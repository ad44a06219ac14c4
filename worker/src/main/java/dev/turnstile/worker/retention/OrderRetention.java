package dev.turnstile.worker.retention;

import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.LedgerRetention;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes decided orders that are older than wanted, and that no topic holds any more. */
final class OrderRetention implements PeriodicTask.Work {

    static final String METER = "turnstile.retention.orders";

    private static final Logger log = LoggerFactory.getLogger(OrderRetention.class);

    /** Between two batches: at most 5,000 orders a second go, and the others get at the disk. */
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(100);

    private final LedgerRetention ledger;
    private final TopicMemory topics;
    private final Duration wanted;
    private final Clock clock;
    private final Counter deleted;

    // used by the thread of the task alone
    private Duration told = Duration.ZERO;

    OrderRetention(LedgerRetention ledger, TopicMemory topics, Duration wanted, Clock clock, MeterRegistry meters) {
        this.ledger = ledger;
        this.topics = topics;
        this.wanted = wanted;
        this.clock = clock;
        this.deleted = Counter.builder(METER)
                .description("Decided orders that were deleted because they were old")
                .register(meters);
    }

    @Override
    public void run(PeriodicTask.Pause pause) throws InterruptedException {
        if (wanted.isZero() || !ledger.hasDecidedBefore(clock.instant().minus(wanted))) {
            return; // mostly; Kafka is not asked for nothing
        }
        Optional<Duration> remembered = topics.longest(OrderTopics.OF_ORDERS);
        Duration kept = remembered.isEmpty() || remembered.get().compareTo(wanted) > 0
                ? remembered.orElse(Duration.ZERO)
                : wanted;
        tell(kept);
        if (kept.isZero()) {
            return;
        }
        long count = 0;
        int last = LedgerRetention.BATCH;
        while (last == LedgerRetention.BATCH && pause.await(BETWEEN_BATCHES)) {
            last = ledger.deleteDecidedBefore(clock.instant().minus(kept));
            count += last;
            deleted.increment(last);
        }
        if (count > 0) {
            log.info("{} orders that were decided more than {} ago were deleted", count, kept);
        }
    }

    private void tell(Duration kept) {
        if (kept.equals(wanted) || kept.equals(told)) {
            told = kept;
            return;
        }
        told = kept;
        log.warn(
                "the ledger keeps orders {}, and not for {} only: a topic of orders keeps them so long (its retention.ms and"
                        + " segment.ms), and one whose row is gone would be decided again",
                kept.isZero() ? "for ever" : "for " + kept,
                wanted);
    }
}

package dev.turnstile.worker.retention;

import dev.turnstile.stock.LedgerRetention;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes decided orders that are older than wanted by the clock of the database, and that no topic holds any more. The
 * latter is known by offsets: now and then it is noted where the topics end; once they begin behind such a note, all
 * that was recorded before it has left them.
 */
final class OrderRetention implements PeriodicTask.Work {

    static final String METER = "turnstile.retention.orders";

    /** Between two notes of where the topics end. */
    private static final Duration BETWEEN_NOTES = Duration.ofHours(1);

    private static final Logger log = LoggerFactory.getLogger(OrderRetention.class);

    /** Between two batches: at most 5,000 orders a second go, and the others get at the disk. */
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(100);

    private final LedgerRetention ledger;
    private final TopicOffsets topics;
    private final Duration wanted;
    private final Counter deleted;

    // used by the thread of the task alone
    private boolean told;

    OrderRetention(LedgerRetention ledger, TopicOffsets topics, Duration wanted, MeterRegistry meters) {
        this.ledger = ledger;
        this.topics = topics;
        this.wanted = wanted;
        this.deleted = Counter.builder(METER)
                .description("Decided orders that were deleted because they were old")
                .register(meters);
    }

    @Override
    public void run(PeriodicTask.Pause pause) throws InterruptedException {
        if (wanted.isZero()) {
            return;
        }
        Instant now = ledger.now(); // before the ends are read
        Optional<Instant> noted = ledger.lastNoteOfEnds();
        if (noted.isEmpty() || noted.get().isBefore(now.minus(BETWEEN_NOTES))) {
            ledger.noteEnds(now, topics.ends(), topics.starts());
        }
        Instant old = now.minus(wanted);
        if (!ledger.hasRecordedBefore(old)) {
            return; // mostly
        }
        Optional<Instant> gone = ledger.goneFromTopics(topics.starts());
        tell(gone, old);
        if (gone.isPresent()) {
            delete(gone.get().isBefore(old) ? gone.get() : old, pause);
        }
    }

    private void delete(Instant limit, PeriodicTask.Pause pause) throws InterruptedException {
        long count = 0;
        int last = LedgerRetention.BATCH;
        while (last == LedgerRetention.BATCH && pause.await(BETWEEN_BATCHES)) {
            last = ledger.deleteRecordedBefore(limit);
            count += last;
            deleted.increment(last);
        }
        if (count > 0) {
            log.info("{} orders recorded before {} were deleted", count, limit);
        }
    }

    private void tell(Optional<Instant> gone, Instant old) {
        boolean kept = gone.isEmpty() || gone.get().isBefore(old);
        if (kept && !told) {
            log.warn(
                    "the ledger keeps orders for longer than {}: a topic of orders still holds, or may hold, what was published {}, and"
                            + " an order whose row is gone would be decided again",
                    wanted,
                    gone.map(time -> "after " + time).orElse("at any time"));
        }
        told = kept;
    }
}

package dev.turnstile.worker.cache;

import dev.turnstile.stock.CacheDifference;
import dev.turnstile.stock.CacheReconciler;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the cache right, and counts what was to be put right as {@value #METER}, by what was wrong. */
final class CacheRepairs implements PeriodicTask.Work {

    static final String METER = "turnstile.cache.repairs";

    private static final Logger log = LoggerFactory.getLogger(CacheRepairs.class);

    /** Between two pages: others want the servers, too. */
    private static final Duration BETWEEN_PAGES = Duration.ofMillis(10);

    private final CacheReconciler reconciler;
    private final Map<CacheDifference, Counter> counters = new EnumMap<>(CacheDifference.class);

    CacheRepairs(CacheReconciler reconciler, MeterRegistry meters) {
        this.reconciler = reconciler;
        for (CacheDifference difference : CacheDifference.values()) {
            counters.put(
                    difference,
                    Counter.builder(METER)
                            .description("Entries of the stock cache that differed from the ledger and were corrected")
                            .tag("difference", difference.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
    }

    @Override
    public void run(PeriodicTask.Pause pause) throws InterruptedException {
        Pass pass = new Pass(pause);
        try {
            reconciler.reconcile(pass);
        } finally {
            pass.tell();
        }
    }

    private final class Pass implements CacheReconciler.Progress {

        private final PeriodicTask.Pause pause;
        private final Map<CacheDifference, Integer> mended = new EnumMap<>(CacheDifference.class);

        Pass(PeriodicTask.Pause pause) {
            this.pause = pause;
        }

        @Override
        public void mended(long productId, CacheDifference difference) {
            log.debug("the cached stock of product {} was {}", productId, difference);
            mended.merge(difference, 1, Integer::sum);
            Objects.requireNonNull(counters.get(difference)).increment();
        }

        @Override
        public boolean goOn() throws InterruptedException {
            return pause.await(BETWEEN_PAGES);
        }

        void tell() {
            if (!mended.isEmpty()) {
                log.info("entries of the stock cache were corrected: {}", mended);
            }
        }
    }
}

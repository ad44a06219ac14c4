package dev.turnstile.stock;

import dev.turnstile.stock.RedisStockCache.Correction;
import dev.turnstile.stock.RedisStockCache.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Compares the stock cache with the ledger, page by page, and puts right what differs. Any number of processes may do
 * it at the same time, while orders are decided: each entry is changed only if it still is as it was compared.
 *
 * <p>What is cached was committed before, and its writer may be late. So a difference counts only if it remains at a
 * second look, {@link #SECOND_LOOK_AFTER} later, at which the row is read after the entry: an entry with a newer
 * version than that row was written by nothing that this ledger holds. A missing entry is written at the first look:
 * nothing can be wrong with it.
 *
 * <p>Reads from Redis only the entries of the ledger's products. Entries of other products do no harm:
 * they are not reported, admission relies on no entry for long, and once the ledger knows the product it is compared.
 *
 * <p>Holds one page at a time. Blocks on Redis and on the database, for one page at a time, too.
 */
public final class CacheReconciler {

    /** Rows that are compared at once. */
    static final int PAGE = 500;

    /** Far longer than a living worker takes from its commit to the cache. */
    static final Duration SECOND_LOOK_AFTER = Duration.ofMillis(300);

    private final Ledger ledger;
    private final RedisStockCache cache;

    /** Makes a reconciler of these two. */
    public CacheReconciler(Ledger ledger, RedisStockCache cache) {
        this.ledger = ledger;
        this.cache = cache;
    }

    /** Follows a pass. */
    public interface Progress {

        /** Called with each entry that was corrected, and how it had differed. */
        void mended(long productId, CacheDifference difference);

        /** Called before each page, and may wait; false ends the pass. */
        boolean goOn() throws InterruptedException;
    }

    /**
     * Goes once through all stock.
     *
     * @throws RuntimeException if Redis or the database can't be asked; what was put right stays so
     * @throws InterruptedException if interrupted between two looks or pages
     */
    public void reconcile(Progress progress) throws InterruptedException {
        long after = 0;
        boolean more = true;
        while (more && progress.goOn()) {
            List<Stock> page = ledger.stocks(after, PAGE);
            compare(page, progress);
            more = page.size() == PAGE;
            after = page.isEmpty() ? after : page.get(page.size() - 1).productId();
        }
    }

    private void compare(List<Stock> page, Progress progress) throws InterruptedException {
        List<Long> ids = page.stream().map(Stock::productId).toList();
        List<Entry> entries = await(cache.entries(ids));
        List<Correction> missing = new ArrayList<>();
        Map<Long, Entry> differing = new HashMap<>();
        for (int i = 0; i < page.size(); i++) {
            Entry entry = entries.get(i);
            CacheDifference difference = difference(entry, page.get(i));
            if (difference == CacheDifference.MISSING && entry.version() == null) {
                missing.add(new Correction(entry, page.get(i)));
            } else if (difference != null) {
                differing.put(ids.get(i), entry);
            }
        }
        mend(missing, progress);
        if (!differing.isEmpty()) {
            Thread.sleep(SECOND_LOOK_AFTER.toMillis());
            compareAgain(differing, progress);
        }
    }

    private void compareAgain(Map<Long, Entry> seen, Progress progress) {
        List<Long> ids = List.copyOf(seen.keySet());
        List<Entry> entries = await(cache.entries(ids));
        Map<Long, Stock> rows = rows(ids);
        List<Correction> corrections = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            Entry entry = entries.get(i);
            Stock row = rows.get(ids.get(i));
            // an entry that has changed meanwhile is being written by a worker
            if (row != null && entry.equals(seen.get(ids.get(i))) && difference(entry, row) != null) {
                corrections.add(new Correction(entry, row));
            }
        }
        mend(corrections, progress);
    }

    private void mend(List<Correction> corrections, Progress progress) {
        List<Boolean> done = await(cache.mend(corrections));
        for (int i = 0; i < corrections.size(); i++) {
            if (done.get(i)) {
                Correction correction = corrections.get(i);
                progress.mended(
                        correction.stock().productId(),
                        Objects.requireNonNull(difference(correction.seen(), correction.stock())));
            }
        }
    }

    /** How an entry differs from a row, or null if it does not. */
    static @Nullable CacheDifference difference(Entry entry, Stock row) {
        Long version = number(entry.version());
        if (version == null) {
            return entry.version() == null ? CacheDifference.MISSING : CacheDifference.WRONG;
        } else if (version < row.version()) {
            return CacheDifference.BEHIND;
        } else if (version > row.version()) {
            return CacheDifference.AHEAD;
        } else if (entry.quantity() == null) {
            return CacheDifference.MISSING;
        }
        return Objects.equals(number(entry.quantity()), (long) row.quantity()) ? null : CacheDifference.WRONG;
    }

    private Map<Long, Stock> rows(List<Long> ids) {
        Map<Long, Stock> rows = new HashMap<>();
        ledger.stocks(ids).forEach(stock -> rows.put(stock.productId(), stock));
        return rows;
    }

    private static @Nullable Long number(@Nullable String digits) {
        return digits == null || !digits.matches("-?\\d{1,18}") ? null : Long.valueOf(digits);
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

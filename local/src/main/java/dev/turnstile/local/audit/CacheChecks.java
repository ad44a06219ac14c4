package dev.turnstile.local.audit;

import dev.turnstile.local.audit.RedisKeys.CacheEntry;
import org.jspecify.annotations.Nullable;

/** {@link Check#CACHE} and {@link Check#CACHE_AHEAD}. */
final class CacheChecks {

    private CacheChecks() {}

    /** Whether there is something to compare. */
    static boolean isMissing(CacheEntry entry) {
        return entry.quantity() == null;
    }

    /**
     * Compares an entry with a row that was read after it. Cached stock was committed before, so an entry that is newer
     * than the row was not written by what the ledger holds. An entry that stays the same while the row has moved on is
     * late.
     *
     * @param row null if the ledger does not know the product
     */
    static void compare(long productId, CacheEntry entry, LedgerStock.@Nullable Row row, Sightings sightings) {
        Long version = number(entry.version());
        String key = productId + " " + entry.quantity() + " " + entry.version();
        String cached = "cached " + entry.quantity() + " (version " + entry.version() + ")";
        if (version == null || (entry.quantity() != null && number(entry.quantity()) == null)) {
            sightings.saw(Check.CACHE, key, Finding.ofProduct(productId, cached + ": that can't be read"));
            return;
        }
        sightings.checked(Check.CACHE_AHEAD, 1);
        if (row == null) {
            sightings.sawForCertain(
                    Check.CACHE_AHEAD, key, Finding.ofProduct(productId, cached + ", and there is no stock row"));
            return;
        }
        String compared = cached + ", stored " + row.quantity() + " (version " + row.version() + ")";
        if (version > row.version()) {
            sightings.sawForCertain(Check.CACHE_AHEAD, key, Finding.ofProduct(productId, compared));
            return;
        }
        Long quantity = number(entry.quantity());
        if (quantity == null) {
            return; // dropped on doubt, and only the version stayed
        }
        sightings.checked(Check.CACHE, 1);
        if (version < row.version() || quantity != row.quantity()) {
            sightings.saw(Check.CACHE, key, Finding.ofProduct(productId, compared));
        }
    }

    private static @Nullable Long number(@Nullable String digits) {
        return digits == null || !digits.matches("-?\\d{1,18}") ? null : Long.valueOf(digits);
    }
}

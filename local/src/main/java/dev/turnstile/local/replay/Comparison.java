package dev.turnstile.local.replay;

import dev.turnstile.local.replay.OutcomeLedger.Row;
import dev.turnstile.local.replay.Tally.Sent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Replayed outcomes beside the recorded ones.
 *
 * @param recorded how many of the recorded orders have each outcome in the ledger
 * @param notInLedger recorded orders that the ledger does not hold: undecided, or forgotten
 * @param same orders whose outcome is the same as recorded
 * @param different orders whose outcome is another
 * @param sameStock whether both found the same stock of every product
 * @param stockDifferences the first products of which they found another stock
 * @param differences the first orders whose outcome is another
 */
record Comparison(
        Map<String, Long> recorded,
        long notInLedger,
        long same,
        long different,
        boolean sameStock,
        List<StockDifference> stockDifferences,
        List<Difference> differences) {

    /** Examples that are shown. */
    private static final int SHOWN = 20;

    /**
     * The highest stock that orders found.
     *
     * @param productId of this product
     * @param recorded when it was recorded, null if unknown
     * @param replayed in the replay, null if unknown
     */
    record StockDifference(
            long productId,
            @Nullable Integer recorded,
            @Nullable Integer replayed) {}

    /**
     * An order with another outcome.
     *
     * @param recordedId its id in the recording
     * @param recorded its outcome then
     * @param replayed its outcome in the replay
     */
    record Difference(UUID recordedId, String recorded, String replayed) {}

    /**
     * Looks up what the ledger recorded of the orders that were sent.
     *
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    static Comparison of(Tally tally, OutcomeLedger ledger) {
        Map<String, Long> counts = new TreeMap<>();
        StockSeen stocks = new StockSeen();
        List<Difference> differences = new ArrayList<>();
        long notInLedger = 0;
        long same = 0;
        long different = 0;
        for (int from = 0; from < tally.sent(); from += OutcomeLedger.ASKED_AT_ONCE) {
            List<Sent> page = tally.page(from, OutcomeLedger.ASKED_AT_ONCE);
            Map<UUID, Row> rows =
                    ledger.find(page.stream().map(Sent::recordedId).toList());
            for (Sent sent : page) {
                Row row = rows.get(sent.recordedId());
                if (row == null) {
                    notInLedger++;
                    continue;
                }
                String recorded = row.outcome().status();
                counts.merge(recorded, 1L, Long::sum);
                stocks.see(row.lines(), row.outcome());
                if (recorded.equals(sent.status())) {
                    same++;
                } else if (sent.status() != null) {
                    different++;
                    if (differences.size() < SHOWN) {
                        differences.add(new Difference(sent.recordedId(), recorded, sent.status()));
                    }
                }
            }
        }
        List<StockDifference> stockDifferences =
                differences(stocks.highest(), tally.stocks().highest());
        return new Comparison(
                counts,
                notInLedger,
                same,
                different,
                stockDifferences.isEmpty(),
                stockDifferences.stream().limit(SHOWN).toList(),
                differences);
    }

    private static List<StockDifference> differences(Map<Long, Integer> recorded, Map<Long, Integer> replayed) {
        TreeSet<Long> products = new TreeSet<>(recorded.keySet());
        products.addAll(replayed.keySet());
        List<StockDifference> differences = new ArrayList<>();
        for (long product : products) {
            Integer then = recorded.get(product);
            Integer now = replayed.get(product);
            if (then == null || !then.equals(now)) {
                differences.add(new StockDifference(product, then, now));
            }
        }
        return differences;
    }
}

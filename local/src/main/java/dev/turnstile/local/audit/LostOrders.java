package dev.turnstile.local.audit;

import dev.turnstile.local.audit.PublishedRecords.Positions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;

/** {@link Check#LOST_ORDERS} and {@link Check#DEAD_LETTERS}: the records whose offsets are committed. */
final class LostOrders {

    private final LedgerTables ledger;
    private final PublishedRecords records;
    private final LongPredicate products;
    private final SystemSnapshot look;
    private final Findings findings;

    /**
     * Records without an order id in their headers: they can be dead-lettered without an outcome, as no request can be
     * answered.
     */
    private final List<Published> unnamed = new ArrayList<>();

    /**
     * Makes the check.
     *
     * @param look at the waiting orders, taken after the positions were read and before {@link #look(Positions)}
     */
    LostOrders(
            LedgerTables ledger,
            PublishedRecords records,
            LongPredicate products,
            SystemSnapshot look,
            Findings findings) {
        this.ledger = ledger;
        this.records = records;
        this.products = products;
        this.look = look;
        this.findings = findings;
    }

    void look(Positions positions) {
        records.read(positions.begin(), positions.committed(), this::look);
        Map<String, Set<String>> deadLetters = new HashMap<>();
        for (Published record : unnamed) {
            String topic = record.partition().topic();
            Set<String> places = deadLetters.computeIfAbsent(topic, records::deadLetters);
            if (!Objects.requireNonNull(places).contains(record.place())) {
                violated(record);
            }
        }
    }

    private void look(List<Published> batch) {
        List<Published> ours =
                batch.stream().filter(record -> record.isLookedAt(products)).toList();
        Set<UUID> ids = new HashSet<>();
        ours.forEach(record -> ids.addAll(record.ids()));
        Set<UUID> decided = ledger.decided(ids);
        for (Published record : ours) {
            findings.checked(checkOf(record), 1);
            if (record.ids().stream().anyMatch(decided::contains)
                    || look.isWaiting(record.ids())
                    || isForgotten(record)) {
                continue;
            }
            if (record.namedId() == null) {
                unnamed.add(record);
            } else {
                violated(record);
            }
        }
    }

    /** Whether it may have had a row that is deleted by now, as it is old; asked after the rows. */
    private boolean isForgotten(Published record) {
        return record.publishedAtMs()
                <= ledger.retiredTo().plus(ProductHistory.CLOCKS_DIFFER_BY).toEpochMilli();
    }

    private void violated(Published record) {
        String problem = record.id() == null
                ? " is committed, names no order and is not among the dead letters"
                : " is committed, and the order has no outcome";
        findings.violated(checkOf(record), Finding.ofOrder(record.id(), record.place() + problem));
    }

    private static Check checkOf(Published record) {
        return record.id() == null ? Check.DEAD_LETTERS : Check.LOST_ORDERS;
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.local.audit.LedgerStock.Change;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@link Check#DOOR_REFUSALS}. Admission rejects by stock that the ledger had committed at some version of its row.
 * Tickets drawn until then only take from it. So a later ticket can get as much only from stock that was booked after
 * that version, and before the ticket was decided.
 */
final class AdmissionRejections implements LedgerCheck {

    private final Findings findings;
    private final Map<Long, Refused> refusedOf = new HashMap<>();

    /** What was refused of a product. */
    private static final class Refused {

        /**
         * By how much was wanted: last ticket drawn before a refusal → the latest version at which any was refused by
         * then.
         */
        private final NavigableMap<Integer, NavigableMap<Long, Long>> byWanted = new TreeMap<>();

        /** Highest ticket decided before stock was added → the latest version that any such change made by then. */
        private final NavigableMap<Long, Long> added = new TreeMap<>();

        void refuse(AdmissionRejection refusal) {
            raise(
                    byWanted.computeIfAbsent(refusal.wanted(), wanted -> new TreeMap<>()),
                    refusal.lastTicket(),
                    refusal.version());
        }

        void add(Change change) {
            raise(added, change.lineTicket(), change.version());
        }

        /** Keeps the versions ascending with the tickets, in whatever order they are added. */
        private static void raise(NavigableMap<Long, Long> versions, long ticket, long version) {
            Map.Entry<Long, Long> before = versions.floorEntry(ticket);
            if (before != null && before.getValue() >= version) {
                return;
            }
            versions.put(ticket, version);
            NavigableMap<Long, Long> after = versions.tailMap(ticket, false);
            while (!after.isEmpty() && after.firstEntry().getValue() <= version) {
                after.pollFirstEntry();
            }
        }

        /**
         * The version at which as much was refused to an earlier one, and since which nothing was added; null if none.
         */
        @Nullable Long refusedBefore(long ticket, int quantity) {
            Map.Entry<Long, Long> lastAdded = added.lowerEntry(ticket);
            for (NavigableMap<Long, Long> versions :
                    byWanted.headMap(quantity, true).values()) {
                Map.Entry<Long, Long> refused = versions.lowerEntry(ticket);
                if (refused != null && (lastAdded == null || refused.getValue() >= lastAdded.getValue())) {
                    return refused.getValue();
                }
            }
            return null;
        }
    }

    AdmissionRejections(List<AdmissionRejection> refusals, LedgerStock stock, Findings findings) {
        this.findings = findings;
        refusals.forEach(refusal -> refusedOf
                .computeIfAbsent(refusal.productId(), id -> new Refused())
                .refuse(refusal));
        refusedOf.forEach((productId, refused) -> stock.changesOf(productId).stream()
                .filter(change -> change.difference() > 0)
                .forEach(refused::add));
        findings.checked(Check.DOOR_REFUSALS, refusals.size());
    }

    @Override
    public void look(LedgerOrder order) {
        Long ticket = order.ticket();
        if (!order.isFulfilled() || !order.isFair() || order.overtaken() || ticket == null) {
            return;
        }
        for (LedgerOrder.Line line : order.lines()) {
            Refused refused = refusedOf.get(line.productId());
            Long version = refused == null ? null : refused.refusedBefore(ticket, line.quantity());
            if (version != null) {
                findings.violated(
                        Check.DOOR_REFUSALS,
                        Finding.ofRow(
                                order,
                                line.productId(),
                                "ticket " + ticket + " got " + line.quantity()
                                        + ", which had been refused at admission at version " + version
                                        + ", and nothing was booked since"));
            }
        }
    }
}

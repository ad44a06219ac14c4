package dev.turnstile.local.audit;

import dev.turnstile.local.audit.AuditReport.CheckResult;
import dev.turnstile.local.audit.LedgerStock.Change;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A ledger made by hand: every order in a run of its own, one second after the last. */
final class LedgerRows {

    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private final List<LedgerOrder> orders = new ArrayList<>();
    private final Map<Long, LedgerStock.Row> rows = new HashMap<>();
    private final Map<Long, List<Change>> changes = new HashMap<>();
    private final Map<Long, LedgerStock.Retired> retired = new HashMap<>();

    LedgerRows booked(long productId, int difference) {
        return booked(productId, difference, 0, 0);
    }

    LedgerRows booked(long productId, int difference, long version, long lineTicket) {
        changes.computeIfAbsent(productId, id -> new ArrayList<>())
                .add(new Change(difference, now().toEpochMilli(), version, lineTicket));
        return this;
    }

    LedgerRows retired(long productId, long pieces, long lastTicket) {
        retired.put(productId, new LedgerStock.Retired(pieces, lastTicket));
        return this;
    }

    LedgerRows stored(long productId, int quantity, long lineTicket, long lineFence, long lockFence) {
        rows.put(productId, new LedgerStock.Row(productId, quantity, 1, lineFence, lineTicket, lockFence));
        return this;
    }

    LedgerRows fulfilled(long ticket, long productId, int quantity, int remained) {
        return fair(ticket, productId, quantity, new Outcome.Fulfilled(List.of(new StockLevel(productId, remained))));
    }

    LedgerRows refused(long ticket, long productId, int quantity, int available) {
        return fair(
                ticket,
                productId,
                quantity,
                new Outcome.OutOfStock(List.of(new Shortage(productId, quantity, available))));
    }

    LedgerRows fair(long ticket, long productId, int quantity, Outcome outcome) {
        return add(order("FAIR", productId, quantity, outcome, ticket, 100 + orders.size(), false, now()));
    }

    LedgerRows overtaken(long ticket, long productId) {
        return add(order(
                "FAIR",
                productId,
                9,
                new Outcome.OutOfStock(List.of(new Shortage(productId, 9, 0))),
                ticket,
                100 + orders.size(),
                true,
                now()));
    }

    LedgerRows underFence(String mode, long fence, long productId, Instant decidedAt) {
        Outcome outcome = new Outcome.OutOfStock(List.of(new Shortage(productId, 1, 0)));
        Long ticket = mode.equals("FAIR") ? (long) orders.size() + 1 : null;
        return add(order(mode, productId, 1, outcome, ticket, fence, false, decidedAt));
    }

    LedgerRows add(LedgerOrder order) {
        orders.add(order);
        return this;
    }

    /** An order that comes next. */
    LedgerOrder order(
            String mode,
            long productId,
            int quantity,
            Outcome outcome,
            @Nullable Long ticket,
            long fence,
            boolean overtaken,
            Instant decidedAt) {
        return new LedgerOrder(
                orders.size() + 1,
                UUID.randomUUID(),
                mode,
                outcome.status(),
                List.of(new LedgerOrder.Line(productId, quantity)),
                outcome,
                ticket,
                fence,
                overtaken,
                decidedAt,
                null);
    }

    Instant now() {
        return START.plusSeconds(orders.size());
    }

    LedgerStock stock() {
        return new LedgerStock(rows, changes, retired);
    }

    /** What one check finds in it. */
    CheckResult judge(Check check, CheckMaker maker) {
        return report(maker).of(check);
    }

    AuditReport report(CheckMaker maker) {
        Findings findings = new Findings(10);
        LedgerCheck check = maker.make(stock(), findings);
        orders.forEach(check::look);
        check.end();
        return findings.report(START, 0);
    }

    /** Makes the check that is tested. */
    interface CheckMaker {
        LedgerCheck make(LedgerStock stock, Findings findings);
    }
}

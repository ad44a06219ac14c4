package dev.turnstile.local.audit;

import java.util.HashMap;
import java.util.Map;

/** {@link Check#STOCK_MARKS}. */
final class StockMarks implements LedgerCheck {

    private final LedgerStock stock;
    private final Findings findings;
    private final Map<Long, Marks> marks = new HashMap<>();

    private static final class Marks {
        private long ticketDecided;
        private long ticket;
        private long lineFence;
        private long lockFence;
    }

    StockMarks(LedgerStock stock, Findings findings) {
        this.stock = stock;
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        if (order.hasFence()) {
            for (long productId : order.productsFenced()) {
                if (stock.rows().containsKey(productId)) {
                    Marks seen = marks.computeIfAbsent(productId, id -> new Marks());
                    if (order.isFair()) {
                        seen.lineFence = Math.max(seen.lineFence, order.fence());
                        seen.ticketDecided = Math.max(seen.ticketDecided, ticket(order));
                    } else {
                        seen.lockFence = Math.max(seen.lockFence, order.fence());
                    }
                }
            }
        }
        for (LedgerOrder.Line line : order.lines()) {
            if (stock.rows().containsKey(line.productId())) {
                Marks seen = marks.computeIfAbsent(line.productId(), id -> new Marks());
                seen.ticket = Math.max(seen.ticket, ticket(order));
            }
        }
    }

    private static long ticket(LedgerOrder order) {
        return order.ticket() == null ? 0 : order.ticket();
    }

    @Override
    public void end() {
        findings.checked(Check.STOCK_MARKS, stock.rows().size());
        stock.rows().values().forEach(row -> {
            Marks seen = marks.getOrDefault(row.productId(), new Marks());
            seen.ticket = Math.max(seen.ticket, stock.retiredOf(row.productId()).lastTicket());
            judge(row, seen);
        });
    }

    private void judge(LedgerStock.Row row, Marks seen) {
        if (row.lineTicket() < seen.ticketDecided) {
            violated(row, "line_ticket is " + row.lineTicket() + ", and ticket " + seen.ticketDecided + " was decided");
        } else if (row.lineTicket() > Math.max(seen.ticketDecided, seen.ticket)) {
            // up to the highest ticket of a refused order may be right: it may have stood in a run with others
            violated(
                    row,
                    "line_ticket is " + row.lineTicket() + ", and no ticket above "
                            + Math.max(seen.ticketDecided, seen.ticket) + " was decided");
        }
        if (row.lineFence() < seen.lineFence) {
            violated(row, "line_fence is " + row.lineFence() + ", and fence " + seen.lineFence + " was committed");
        }
        if (row.lockFence() < seen.lockFence) {
            violated(row, "lock_fence is " + row.lockFence() + ", and fence " + seen.lockFence + " was committed");
        }
    }

    private void violated(LedgerStock.Row row, String what) {
        findings.violated(Check.STOCK_MARKS, Finding.ofProduct(row.productId(), what));
    }
}

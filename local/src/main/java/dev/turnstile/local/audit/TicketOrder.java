package dev.turnstile.local.audit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** {@link Check#TICKET_ORDER} and {@link Check#OVERTAKEN_FLAGS}; notes each {@link Note#OVERTAKEN} order. */
final class TicketOrder implements LedgerCheck {

    private final LongPredicate products;
    private final Findings findings;

    /** By product, the highest ticket of all orders that were decided on its stock row. */
    private final Map<Long, Passed> decided = new HashMap<>();

    /**
     * By product, the highest ticket of all orders for it, also of those that were rejected without reading the stock:
     * they may be in a later run, and the run notes the highest of its tickets on the row.
     */
    private final Map<Long, Passed> passed = new HashMap<>();

    /**
     * An order that was passed.
     *
     * @param commitSeq its row, or 0 if that is deleted
     */
    private record Passed(long productId, long ticket, long commitSeq) {

        static Passed later(Passed one, Passed other) {
            return one.ticket() >= other.ticket() ? one : other;
        }

        @Override
        public String toString() {
            return "ticket " + ticket + (commitSeq == 0 ? " (row deleted)" : " (row " + commitSeq + ")");
        }
    }

    TicketOrder(LedgerStock stock, LongPredicate products, Findings findings) {
        this.products = products;
        this.findings = findings;
        stock.retired().forEach((productId, retired) -> {
            if (retired.lastTicket() > 0) {
                passed.put(productId, new Passed(productId, retired.lastTicket(), 0));
            }
        });
    }

    @Override
    public void look(LedgerOrder order) {
        Long ticket = order.ticket();
        if (order.isFair() && ticket != null) {
            look(order, ticket);
        } else {
            lookWithoutTicket(order);
        }
    }

    private void look(LedgerOrder order, long ticket) {
        List<Long> ordered =
                order.lines().stream().map(LedgerOrder.Line::productId).toList();
        // of products that are not looked at, not all orders were seen
        if (order.overtaken() && ordered.stream().allMatch(products::test)) {
            judgeFlag(order, ticket, highest(passed, ordered));
        }
        if (order.hasFence()) {
            findings.checked(Check.TICKET_ORDER, 1);
            List<Long> held =
                    order.productsHeld().stream().filter(products::test).toList();
            Passed before = highest(decided, held);
            if (before != null && before.ticket() >= ticket && !order.overtaken()) {
                findings.violated(
                        Check.TICKET_ORDER,
                        Finding.ofRow(
                                order,
                                before.productId(),
                                "ticket " + ticket + " was committed after " + before
                                        + " and is not recorded as overtaken"));
            }
            note(decided, held, order, ticket);
        }
        note(passed, ordered, order, ticket);
    }

    private void judgeFlag(LedgerOrder order, long ticket, @Nullable Passed before) {
        findings.checked(Check.OVERTAKEN_FLAGS, 1);
        if (before != null && before.ticket() > ticket) {
            findings.noted(
                    Note.OVERTAKEN,
                    Finding.ofRow(
                            order,
                            before.productId(),
                            "ticket " + ticket + ", " + order.status() + ", was decided after " + before));
        } else {
            findings.violated(
                    Check.OVERTAKEN_FLAGS,
                    Finding.ofRow(
                            order,
                            "ticket " + ticket + " is recorded as overtaken, and no later one was decided before it"));
        }
    }

    private void lookWithoutTicket(LedgerOrder order) {
        if (order.isFair() && order.hasFence()) {
            findings.checked(Check.TICKET_ORDER, 1);
            findings.violated(Check.TICKET_ORDER, Finding.ofRow(order, "a fair order was decided without a ticket"));
        } else if (!order.isFair() && order.ticket() != null) {
            findings.checked(Check.TICKET_ORDER, 1);
            findings.violated(Check.TICKET_ORDER, Finding.ofRow(order, "a distributed order has a ticket"));
        }
        if (order.overtaken()) {
            findings.checked(Check.OVERTAKEN_FLAGS, 1);
            findings.violated(
                    Check.OVERTAKEN_FLAGS, Finding.ofRow(order, "it is recorded as overtaken and has no ticket"));
        }
    }

    private static @Nullable Passed highest(Map<Long, Passed> byProduct, List<Long> productIds) {
        Passed highest = null;
        for (long productId : productIds) {
            Passed here = byProduct.get(productId);
            if (here != null) {
                highest = highest == null ? here : Passed.later(highest, here);
            }
        }
        return highest;
    }

    private static void note(Map<Long, Passed> byProduct, List<Long> productIds, LedgerOrder order, long ticket) {
        productIds.forEach(productId ->
                byProduct.merge(productId, new Passed(productId, ticket, order.commitSeq()), Passed::later));
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.order.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * {@link Check#FENCES}. A run is decided at one moment, so orders of one product that share a fence and not the moment are
 * two runs under one right.
 */
final class Fences implements LedgerCheck {

    private record Guarded(boolean fair, long productId) {}

    private final LongPredicate products;
    private final Findings findings;
    private final Map<Guarded, LedgerOrder> last = new HashMap<>();

    Fences(LongPredicate products, Findings findings) {
        this.products = products;
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        boolean needsFence =
                order.outcome() instanceof Outcome.Fulfilled || order.outcome() instanceof Outcome.OutOfStock;
        if (!order.hasFence()) {
            if (needsFence) {
                findings.checked(Check.FENCES, 1);
                findings.violated(Check.FENCES, Finding.ofRow(order, "it was decided without a fence"));
            }
            return;
        }
        findings.checked(Check.FENCES, 1);
        boolean told = false;
        for (long productId : order.productsHeld()) {
            if (!products.test(productId)) {
                continue;
            }
            LedgerOrder before = last.put(new Guarded(order.isFair(), productId), order);
            if (before == null || told) {
                continue;
            }
            if (order.fence() < before.fence()) {
                told = true;
                findings.violated(
                        Check.FENCES,
                        Finding.ofRow(
                                order,
                                productId,
                                "fence " + order.fence() + " was committed after " + before.fence() + " (row "
                                        + before.commitSeq() + ")"));
            } else if (order.fence() == before.fence() && !order.decidedAt().equals(before.decidedAt())) {
                told = true;
                findings.violated(
                        Check.FENCES,
                        Finding.ofRow(
                                order,
                                productId,
                                "two runs under fence " + order.fence() + ": the other (row " + before.commitSeq()
                                        + ") was decided at " + before.decidedAt() + ", this one at "
                                        + order.decidedAt()));
            }
        }
    }
}

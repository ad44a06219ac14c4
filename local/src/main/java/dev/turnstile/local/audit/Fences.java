package dev.turnstile.local.audit;

import dev.turnstile.order.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * {@link Check#FENCES}. A run is decided at one moment, so orders of one product that share a fence and not the moment
 * are two runs under one right.
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
        Finding finding = null;
        for (long productId : order.productsFenced()) {
            if (products.test(productId)) {
                LedgerOrder before = last.put(new Guarded(order.isFair(), productId), order);
                String problem = before == null ? null : problem(before, order);
                if (problem != null) {
                    finding = Finding.ofRow(order, productId, problem);
                }
            }
        }
        if (finding != null) {
            findings.violated(Check.FENCES, finding);
        }
    }

    private static @Nullable String problem(LedgerOrder before, LedgerOrder order) {
        if (order.fence() < before.fence()) {
            return "fence " + order.fence() + " was committed after " + before.fence() + " (row " + before.commitSeq()
                    + ")";
        }
        return order.fence() > before.fence() || order.decidedAt().equals(before.decidedAt())
                ? null
                : "two runs under fence " + order.fence() + ": the other (row " + before.commitSeq()
                        + ") was decided at " + before.decidedAt() + ", this one at " + order.decidedAt();
    }
}

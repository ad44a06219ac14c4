package dev.turnstile.local.audit;

import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * {@link Check#STOCK_LEVELS} and {@link Check#FAIR_REFUSALS}: retraces the stock of each product, order by order. Keeps
 * one rejected order per product and size, that with the lowest ticket: a winner that is unfair to any is unfair to
 * that one.
 */
final class StockLevels implements LedgerCheck {

    private final LedgerStock stock;
    private final LongPredicate products;
    private final Findings findings;
    private final Map<Long, Product> histories = new HashMap<>();

    private record Refused(long ticket, UUID orderId, int wanted) {}

    private static final class Product {
        private final ProductHistory history;
        /** Fair orders that were refused since stock was last added, by what they wanted. */
        private final TreeMap<Integer, Refused> refused = new TreeMap<>();

        private int restocks;

        Product(ProductHistory history) {
            this.history = history;
        }

        void forgetRefusedBeforeRestock() {
            if (history.restocks() > restocks) {
                restocks = history.restocks();
                refused.clear();
            }
        }
    }

    StockLevels(LedgerStock stock, LongPredicate products, Findings findings) {
        this.stock = stock;
        this.products = products;
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        if (order.outcome() instanceof Outcome.Fulfilled fulfilled) {
            look(order, fulfilled);
        } else if (order.outcome() instanceof Outcome.OutOfStock refused) {
            look(order, refused);
        }
    }

    private void look(LedgerOrder order, Outcome.Fulfilled fulfilled) {
        findings.checked(Check.STOCK_LEVELS, 1);
        findings.checked(Check.FAIR_REFUSALS, order.isFair() ? 1 : 0);
        Map<Long, Integer> remained = new HashMap<>();
        fulfilled.stocks().forEach(level -> remained.put(level.productId(), level.quantity()));
        boolean unfair = false;
        for (LedgerOrder.Line line : order.lines()) {
            if (!products.test(line.productId())) {
                continue;
            }
            Product product = product(line.productId());
            Integer told = remained.get(line.productId());
            if (told != null && !product.history.follows((long) told + line.quantity(), order.decidedAt())) {
                long right = product.history.likelyLevel(order.decidedAt()) - line.quantity();
                violated(order, line.productId(), told + " remained", right);
            }
            product.history.sell(line.quantity());
            product.forgetRefusedBeforeRestock();
            Refused loser = unfair ? null : loser(order, product, line.quantity());
            if (loser != null) {
                unfair = true;
                findings.violated(
                        Check.FAIR_REFUSALS,
                        Finding.ofRow(
                                order,
                                line.productId(),
                                "ticket " + order.ticket() + " got " + line.quantity() + ", though ticket "
                                        + loser.ticket() + " (order " + loser.orderId() + ") had been refused "
                                        + loser.wanted()));
            }
        }
    }

    private void violated(LedgerOrder order, long productId, String told, long right) {
        findings.violated(
                Check.STOCK_LEVELS,
                Finding.ofRow(
                        order,
                        productId,
                        "was reported that " + told + ", where " + right + " follows from what was before"));
    }

    private static @Nullable Refused loser(LedgerOrder winner, Product product, int quantity) {
        if (!winner.isFair() || winner.ticket() == null) {
            return null;
        }
        return product.refused.headMap(quantity, true).values().stream()
                .filter(refused -> refused.ticket() < winner.ticketOrFail())
                .findFirst()
                .orElse(null);
    }

    private void look(LedgerOrder order, Outcome.OutOfStock refused) {
        findings.checked(Check.STOCK_LEVELS, 1);
        for (Shortage shortage : refused.shortages()) {
            if (!products.test(shortage.productId())) {
                continue;
            }
            Product product = product(shortage.productId());
            if (!product.history.follows(shortage.available(), order.decidedAt())) {
                long right = product.history.likelyLevel(order.decidedAt());
                violated(order, shortage.productId(), shortage.available() + " were there", right);
            }
            product.forgetRefusedBeforeRestock();
            if (order.isFair() && order.ticket() != null) {
                Refused loser = new Refused(order.ticketOrFail(), order.id(), shortage.requested());
                product.refused.merge(
                        shortage.requested(),
                        loser,
                        (known, other) -> known.ticket() <= other.ticket() ? known : other);
            }
        }
    }

    private Product product(long productId) {
        return Objects.requireNonNull(histories.computeIfAbsent(
                productId,
                id -> new Product(new ProductHistory(
                        stock.changesOf(id), stock.retiredOf(id).pieces()))));
    }
}

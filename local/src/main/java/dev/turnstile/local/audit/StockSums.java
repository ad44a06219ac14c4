package dev.turnstile.local.audit;

import dev.turnstile.local.audit.LedgerStock.Change;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/** {@link Check#STOCK_SUMS}. */
final class StockSums implements LedgerCheck {

    private final LedgerStock stock;
    private final LongPredicate products;
    private final Findings findings;
    private final Map<Long, Long> sold = new HashMap<>();

    StockSums(LedgerStock stock, LongPredicate products, Findings findings) {
        this.stock = stock;
        this.products = products;
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        if (order.isFulfilled()) {
            for (LedgerOrder.Line line : order.lines()) {
                if (products.test(line.productId())) {
                    sold.merge(line.productId(), (long) line.quantity(), Long::sum);
                }
            }
        }
    }

    @Override
    public void end() {
        TreeSet<Long> all = new TreeSet<>(stock.rows().keySet());
        all.addAll(stock.changes().keySet());
        all.addAll(sold.keySet());
        stock.retired().forEach((productId, retired) -> {
            if (retired.pieces() != 0) {
                all.add(productId);
            }
        });
        findings.checked(Check.STOCK_SUMS, all.size());
        all.forEach(this::judge);
    }

    private void judge(long productId) {
        long bookedHere = stock.changesOf(productId).stream()
                .mapToLong(Change::difference)
                .sum();
        long soldHere =
                sold.getOrDefault(productId, 0L) + stock.retiredOf(productId).pieces();
        LedgerStock.Row row = stock.rows().get(productId);
        String sums = bookedHere + " booked, " + soldHere + " sold, ";
        if (row == null) {
            findings.violated(Check.STOCK_SUMS, Finding.ofProduct(productId, sums + "and there is no stock row"));
        } else if (row.quantity() != bookedHere - soldHere || row.quantity() < 0) {
            findings.violated(
                    Check.STOCK_SUMS,
                    Finding.ofProduct(
                            productId, sums + row.quantity() + " stored: " + difference(row, bookedHere, soldHere)));
        }
    }

    private static String difference(LedgerStock.Row row, long booked, long sold) {
        long tooMany = row.quantity() - (booked - sold);
        if (tooMany == 0) {
            return "negative";
        }
        return Math.abs(tooMany) + (tooMany > 0 ? " too many" : " too few");
    }
}

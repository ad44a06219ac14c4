package dev.turnstile.local.audit;

import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@link Check#ALL_OR_NONE}. That a refused order took nothing is for {@link StockSums} to see. */
final class AllOrNone implements LedgerCheck {

    private final Findings findings;

    AllOrNone(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void look(LedgerOrder order) {
        Outcome outcome = order.outcome();
        if (outcome == null) {
            return; // reported by KnownOutcomes
        }
        findings.checked(Check.ALL_OR_NONE, 1);
        List<String> problems = new ArrayList<>();
        Map<Long, Integer> lines = lines(order, problems);
        if (outcome instanceof Outcome.Fulfilled fulfilled) {
            judge(fulfilled, lines, problems);
        } else if (outcome instanceof Outcome.OutOfStock refused) {
            judge(refused, lines, problems);
        } else if (outcome instanceof Outcome.UnknownProduct refused) {
            judge(refused, lines, problems);
        }
        if (!problems.isEmpty()) {
            findings.violated(
                    Check.ALL_OR_NONE, Finding.ofRow(order, outcome.status() + ": " + String.join("; ", problems)));
        }
    }

    private static Map<Long, Integer> lines(LedgerOrder order, List<String> problems) {
        Map<Long, Integer> lines = new HashMap<>();
        for (LedgerOrder.Line line : order.lines()) {
            if (line.quantity() <= 0) {
                problems.add("it wants " + line.quantity() + " of product " + line.productId());
            }
            if (lines.put(line.productId(), line.quantity()) != null) {
                problems.add("two lines of product " + line.productId());
            }
        }
        return lines;
    }

    private static void judge(Outcome.Fulfilled fulfilled, Map<Long, Integer> lines, List<String> problems) {
        if (lines.isEmpty()) {
            problems.add("it has no lines");
        }
        Set<Long> told = new HashSet<>();
        for (StockLevel level : fulfilled.stocks()) {
            if (!told.add(level.productId())) {
                problems.add("product " + level.productId() + " is reported twice");
            }
            if (!lines.containsKey(level.productId())) {
                problems.add("product " + level.productId() + " is reported and was not ordered");
            }
            if (level.quantity() < 0) {
                problems.add(level.quantity() + " of product " + level.productId() + " remained");
            }
        }
        for (long productId : lines.keySet()) {
            if (!told.contains(productId)) {
                problems.add("product " + productId + " was ordered and is not reported");
            }
        }
    }

    private static void judge(Outcome.OutOfStock refused, Map<Long, Integer> lines, List<String> problems) {
        if (refused.shortages().isEmpty()) {
            problems.add("nothing was short");
        }
        for (Shortage shortage : refused.shortages()) {
            Integer ordered = lines.get(shortage.productId());
            if (ordered == null) {
                problems.add("product " + shortage.productId() + " was short and was not ordered");
            } else if (shortage.requested() != ordered) {
                problems.add("product " + shortage.productId() + ": " + ordered + " ordered, " + shortage.requested()
                        + " reported");
            }
            if (shortage.available() < 0 || shortage.available() >= shortage.requested()) {
                problems.add("product " + shortage.productId() + ": " + shortage.requested() + " wanted, "
                        + shortage.available() + " were there");
            }
        }
    }

    private static void judge(Outcome.UnknownProduct refused, Map<Long, Integer> lines, List<String> problems) {
        if (refused.productIds().isEmpty()) {
            problems.add("no product was unknown");
        }
        for (long productId : refused.productIds()) {
            if (!lines.containsKey(productId)) {
                problems.add("product " + productId + " was unknown and was not ordered");
            }
        }
    }
}

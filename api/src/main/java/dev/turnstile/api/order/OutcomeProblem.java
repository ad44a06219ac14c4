package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The meaning of an outcome for an HTTP client. The only place that distinguishes the kinds of outcome.
 *
 * @param problem the problem it is answered with, or null if the order was fulfilled
 * @param detail the outcome in words, or null if the order was fulfilled
 */
record OutcomeProblem(
        @Nullable ProblemType problem,
        @Nullable String detail,
        @Nullable List<StockLevel> stocks,
        @Nullable List<Shortage> shortages,
        @Nullable List<Long> productIds) {

    static OutcomeProblem of(Outcome outcome) {
        if (outcome instanceof Outcome.Fulfilled fulfilled) {
            return new OutcomeProblem(null, null, fulfilled.stocks(), null, null);
        }
        if (outcome instanceof Outcome.OutOfStock outOfStock) {
            List<Shortage> shortages = outOfStock.shortages();
            return new OutcomeProblem(ProblemType.OUT_OF_STOCK, inWords(shortages), null, shortages, null);
        }
        if (outcome instanceof Outcome.UnknownProduct unknown) {
            List<Long> ids = unknown.productIds();
            String detail = "Unknown product: "
                    + ids.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ". No stock was taken.";
            return new OutcomeProblem(ProblemType.UNKNOWN_PRODUCT, detail, null, null, ids);
        }
        if (outcome instanceof Outcome.Cancelled) {
            return refused(ProblemType.CANCELLED, "The order left the line before it was decided.");
        }
        if (outcome instanceof Outcome.Unavailable unavailable) {
            return refused(ProblemType.LOCK_UNAVAILABLE, unavailable.reason());
        }
        if (outcome instanceof Outcome.Invalid invalid) {
            return refused(ProblemType.INVALID_ORDER, invalid.reason());
        }
        throw new IllegalArgumentException("no meaning for " + outcome.status());
    }

    private static OutcomeProblem refused(ProblemType problem, String detail) {
        return new OutcomeProblem(problem, detail, null, null, null);
    }

    static String inWords(List<Shortage> shortages) {
        return shortages.stream()
                .map(shortage -> "Product %1$d: requested %3$d, available %2$d"
                        .formatted(shortage.productId(), shortage.available(), shortage.requested()))
                .collect(Collectors.joining("; ", "", ". No stock was taken."));
    }
}

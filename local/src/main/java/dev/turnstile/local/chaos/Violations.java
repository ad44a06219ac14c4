package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what was broken, in words. */
final class Violations {

    private final List<InjectedFault> faults;
    private final List<Violation> all = new ArrayList<>();

    /** None yet, of a run in which these faults struck. */
    Violations(List<InjectedFault> faults) {
        this.faults = faults;
    }

    List<Violation> all() {
        return List.copyOf(all);
    }

    /**
     * One more.
     *
     * @param exchange by which it was seen, or null
     */
    void broken(Rule rule, String what, @Nullable Exchange exchange) {
        long at = exchange == null ? Long.MAX_VALUE : exchange.answeredMs();
        String before = faults.stream()
                .filter(fault -> fault.atMs() <= at)
                .max(Comparator.comparingLong(InjectedFault::atMs))
                .map(fault -> exchange == null ? "at an unknown time" : "after " + fault)
                .orElse("before any fault");
        all.add(new Violation(rule, what, before));
    }

    /** Describes an answer that contradicts the ledger. */
    void broken(Rule rule, Exchange exchange, @Nullable LedgerRow row) {
        broken(rule, told(exchange) + ", " + held(row), exchange);
    }

    static String told(Exchange exchange) {
        return "%s %d, sent at %.3f s, was answered %d%s%s%s%s at %.3f s"
                .formatted(
                        exchange.kind(),
                        exchange.number(),
                        exchange.sentMs() / 1000.0,
                        exchange.status(),
                        exchange.problem() == null ? "" : " " + exchange.problem(),
                        exchange.answer().told() == null
                                ? ""
                                : " " + exchange.answer().told(),
                        exchange.orderId() == null ? "" : " of order " + exchange.orderId(),
                        exchange.ticket() == null ? "" : ", ticket " + exchange.ticket(),
                        exchange.answeredMs() / 1000.0);
    }

    static String held(@Nullable LedgerRow row) {
        return row == null
                ? "which is not in the ledger"
                : "the ledger has %s order %s, %s, ticket %s%s, %s"
                        .formatted(
                                row.mode(),
                                row.orderId(),
                                row.status(),
                                row.ticket(),
                                row.overtaken() ? ", overtaken" : "",
                                row.lines());
    }
}

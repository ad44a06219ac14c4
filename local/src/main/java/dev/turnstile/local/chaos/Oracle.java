package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.order.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Judges a run by what its clients saw against what the ledger holds. It knows neither the protocols nor the code of
 * the system: only what a client may rely on.
 */
final class Oracle {

    private final Evidence evidence;
    private final Violations violations;
    private final Map<UUID, LedgerRow> rows = new HashMap<>();

    private Oracle(Evidence evidence, Violations violations) {
        this.evidence = evidence;
        this.violations = violations;
    }

    /** What was broken. */
    static List<Violation> judge(Evidence evidence) {
        Violations violations = new Violations(evidence.faults());
        Oracle oracle = new Oracle(evidence, violations);
        oracle.outcomes();
        LineRules line = new LineRules(evidence, violations);
        new AnswerRules(evidence, line, violations).judge();
        oracle.keys();
        oracle.origins();
        line.judge();
        new StockRules(evidence, violations).judge();
        return violations.all();
    }

    private void outcomes() {
        for (LedgerRow row : evidence.rows()) {
            if (rows.put(row.orderId(), row) != null) {
                violations.broken(Rule.ONE_OUTCOME, "order " + row.orderId() + " has two rows", null);
            }
        }
    }

    /** Only after an attempt that ended for want of the lock is there another order under a key. */
    private void keys() {
        namedByKey().forEach((key, orders) -> {
            if (orders.size() > 1) {
                Exchange last = evidence.history().stream()
                        .filter(exchange -> key.equals(exchange.key()))
                        .reduce((first, second) -> second)
                        .orElse(null);
                violations.broken(Rule.ONE_ORDER_PER_KEY, "key " + key + " was ordered as " + orders, last);
            }
        });
    }

    /** The orders that clients received under each key, except those of failed attempts, which may be repeated. */
    private Map<String, Set<UUID>> namedByKey() {
        Map<String, Set<UUID>> named = new LinkedHashMap<>();
        for (Exchange exchange : evidence.history()) {
            String key = exchange.key();
            UUID orderId = exchange.orderId();
            if (key != null && orderId != null && !isUnavailable(rows.get(orderId))) {
                named.computeIfAbsent(key, first -> new HashSet<>()).add(orderId);
            }
        }
        return named;
    }

    private static boolean isUnavailable(@Nullable LedgerRow row) {
        return row != null && row.status().equals(Outcome.UNAVAILABLE);
    }

    /**
     * A client without an answer, or with one without an order, may have one order of that kind, and only one under a
     * key; no other client may have one that was not reported to it.
     */
    private void origins() {
        Set<UUID> named = new HashSet<>();
        Map<Shape, Integer> doubts = new HashMap<>();
        Map<Shape, Integer> doubtsOfAttempts = new HashMap<>();
        Set<String> keys = new HashSet<>(namedByKey().keySet());
        for (Exchange exchange : evidence.history()) {
            if (exchange.orderId() != null) {
                named.add(exchange.orderId());
            } else if (exchange.leavesDoubt()) {
                doubtsOfAttempts.merge(Shape.of(exchange), 1, Integer::sum);
                if (exchange.key() == null || keys.add(exchange.key())) {
                    doubts.merge(Shape.of(exchange), 1, Integer::sum);
                }
            }
        }
        for (LedgerRow row : evidence.rows()) {
            HostileRecord hostile = evidence.hostile().get(row.orderId());
            if (hostile != null) {
                if (row.status().equals(Outcome.FULFILLED) && !hostile.mayBeSold()) {
                    violations.broken(Rule.HOSTILE_RECORDS_SELL_NOTHING, hostile + ": " + Violations.held(row), null);
                }
            } else if (!named.contains(row.orderId())) {
                Map<Shape, Integer> left = isUnavailable(row) ? doubtsOfAttempts : doubts;
                if (left.merge(Shape.of(row), -1, Integer::sum) < 0) {
                    violations.broken(
                            Rule.NOTHING_FROM_NOWHERE,
                            "no client sent, or got no answer to, " + Violations.held(row),
                            null);
                }
            }
        }
    }
}

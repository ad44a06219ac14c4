package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Judges a run by what its clients saw against what the ledger holds. It knows neither the protocols nor the code of the system:
 * only what a client may rely on.
 */
final class Oracle {

    private static final String OUT_OF_STOCK = "out-of-stock";
    private static final String LOCK_UNAVAILABLE = "lock-unavailable";

    private final List<Exchange> history;
    private final List<LedgerRow> rows;
    private final List<Struck> faults;
    private final Map<UUID, LedgerRow> byId = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();

    private record Shape(String mode, Set<OrderLine> lines) {}

    private Oracle(List<Exchange> history, List<LedgerRow> rows, List<Struck> faults) {
        this.history = history;
        this.rows = rows;
        this.faults = faults;
    }

    /**
     * What was broken.
     *
     * @param history of all clients
     * @param rows of all orders of the run, in the order of their commits
     * @param faults that struck
     */
    static List<Violation> judge(List<Exchange> history, List<LedgerRow> rows, List<Struck> faults) {
        Oracle oracle = new Oracle(history, rows, faults);
        oracle.outcomes();
        history.forEach(oracle::answer);
        oracle.keys();
        oracle.origins();
        oracle.tickets();
        return oracle.violations;
    }

    private void outcomes() {
        for (LedgerRow row : rows) {
            if (byId.put(row.orderId(), row) != null) {
                broken(Rule.ONE_OUTCOME, "order " + row.orderId() + " has two rows", null);
            }
        }
    }

    private void answer(Exchange exchange) {
        switch (exchange.kind()) {
            case ORDER -> orderAnswered(exchange);
            case LEAVE -> leaveAnswered(exchange);
            case RESTOCK -> {
                if (!Set.of(0, 200, 503).contains(exchange.status())) {
                    broken(Rule.KNOWN_ANSWERS, told(exchange), exchange);
                }
            }
        }
    }

    private void orderAnswered(Exchange exchange) {
        LedgerRow row = exchange.orderId() == null ? null : byId.get(exchange.orderId());
        switch (exchange.status()) {
            case 200 -> {
                if (row == null
                        || !row.status().equals(Outcome.FULFILLED)
                        || !shape(row).equals(shape(exchange))) {
                    broken(Rule.FULFILLED_IS_IN_THE_LEDGER, told(exchange) + ", " + held(row), exchange);
                }
            }
            case 202 -> {
                if (row == null) {
                    broken(Rule.ACCEPTED_IS_DECIDED, told(exchange) + ", " + held(null), exchange);
                }
            }
            case 409 -> {
                boolean right = OUT_OF_STOCK.equals(exchange.problem())
                        && (exchange.orderId() == null || is(row, Outcome.OUT_OF_STOCK));
                if (!right) {
                    broken(Rule.REFUSED_TOOK_NOTHING, told(exchange) + ", " + held(row), exchange);
                }
            }
            case 410 -> {
                if (!is(row, Outcome.CANCELLED)) {
                    broken(Rule.LEFT_IS_CANCELLED, told(exchange) + ", " + held(row), exchange);
                }
            }
            case 503 -> {
                if (LOCK_UNAVAILABLE.equals(exchange.problem()) && !is(row, Outcome.UNAVAILABLE)) {
                    broken(Rule.UNAVAILABLE_IS_FINAL, told(exchange) + ", " + held(row), exchange);
                }
            }
            case 0, 429 -> {} // nothing was promised
            default -> broken(Rule.KNOWN_ANSWERS, told(exchange), exchange);
        }
    }

    private void leaveAnswered(Exchange exchange) {
        LedgerRow row = byId.get(Objects.requireNonNull(exchange.orderId()));
        boolean right =
                switch (exchange.status()) {
                    case 200 -> is(row, Outcome.CANCELLED);
                    case 409 -> row != null && !is(row, Outcome.CANCELLED);
                    case 0, 404, 503 -> true; // nothing was promised
                    default -> false;
                };
        if (!right) {
            broken(Rule.LEFT_IS_CANCELLED, told(exchange) + ", " + held(row), exchange);
        }
    }

    private void keys() {
        Map<String, Set<UUID>> fulfilled = new TreeMap<>();
        Map<String, Exchange> last = new HashMap<>();
        for (Exchange exchange : history) {
            String key = exchange.key();
            UUID orderId = exchange.orderId();
            if (key != null && orderId != null) {
                last.put(key, exchange);
                if (exchange.status() == 200 || is(byId.get(orderId), Outcome.FULFILLED)) {
                    fulfilled.computeIfAbsent(key, first -> new HashSet<>()).add(orderId);
                }
            }
        }
        fulfilled.forEach((key, orders) -> {
            if (orders.size() > 1) {
                broken(Rule.ONE_ORDER_PER_KEY, "key " + key + " was fulfilled as " + orders, last.get(key));
            }
        });
    }

    /** Who got no answer, or one without an order, may have one order of that kind; nobody else may have one that was not told. */
    private void origins() {
        Set<UUID> named = new HashSet<>();
        Map<Shape, Integer> doubts = new HashMap<>();
        for (Exchange exchange : history) {
            if (exchange.orderId() != null) {
                named.add(exchange.orderId());
            } else if (exchange.leavesDoubt()) {
                doubts.merge(shape(exchange), 1, Integer::sum);
            }
        }
        for (LedgerRow row : rows) {
            if (!named.contains(row.orderId()) && doubts.merge(shape(row), -1, Integer::sum) < 0) {
                broken(Rule.NOTHING_FROM_NOWHERE, "nobody sent, or doubts, " + held(row), null);
            }
        }
    }

    private void tickets() {
        Map<Long, Long> highest = new HashMap<>();
        for (LedgerRow row : rows) {
            Long ticket = row.ticket();
            boolean served = Set.of(Outcome.FULFILLED, Outcome.OUT_OF_STOCK).contains(row.status());
            if (!row.mode().equals(Mode.FAIR.name()) || ticket == null || row.overtaken() || !served) {
                continue;
            }
            for (OrderLine line : row.lines()) {
                long before = highest.merge(line.productId(), ticket, Math::max);
                if (before > ticket) {
                    broken(Rule.TICKET_ORDER, held(row) + " came after ticket " + before, null);
                }
            }
        }
    }

    private static boolean is(@Nullable LedgerRow row, String status) {
        return row != null && row.status().equals(status);
    }

    private static Shape shape(LedgerRow row) {
        return new Shape(row.mode(), Set.copyOf(row.lines()));
    }

    private static Shape shape(Exchange exchange) {
        return new Shape(String.valueOf(exchange.mode()), Set.copyOf(exchange.lines()));
    }

    private static String told(Exchange exchange) {
        return "%s %d, sent at %.1f s, was told %d%s%s"
                .formatted(
                        exchange.kind(),
                        exchange.number(),
                        exchange.sentMs() / 1000.0,
                        exchange.status(),
                        exchange.problem() == null ? "" : " " + exchange.problem(),
                        exchange.orderId() == null ? "" : " of order " + exchange.orderId());
    }

    private static String held(@Nullable LedgerRow row) {
        return row == null
                ? "of which the ledger has nothing"
                : "the ledger has %s order %s, %s, ticket %s, %s"
                        .formatted(row.mode(), row.orderId(), row.status(), row.ticket(), row.lines());
    }

    private void broken(Rule rule, String what, @Nullable Exchange exchange) {
        long at = exchange == null ? Long.MAX_VALUE : exchange.answeredMs();
        String before = faults.stream()
                .filter(fault -> fault.atMs() <= at)
                .max(Comparator.comparingLong(Struck::atMs))
                .map(fault -> exchange == null ? "at an unknown time" : "after " + fault)
                .orElse("before any fault");
        violations.add(new Violation(rule, what, before));
    }
}

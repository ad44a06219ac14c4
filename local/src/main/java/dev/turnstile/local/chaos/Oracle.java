package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.local.fault.Network;
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
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges a run by what its clients saw against what the ledger holds. It knows neither the protocols nor the code of the system:
 * only what a client may rely on.
 */
final class Oracle {

    private static final String OUT_OF_STOCK = "out-of-stock";
    private static final String LOCK_UNAVAILABLE = "lock-unavailable";

    /** Less than the line waits for a publication. */
    private static final long PROMPTLY_MS = 2000;

    /** Restarts among them: to the line, the memory is another one. */
    private static final Set<Kind> MEMORY_LOSSES = Set.of(Kind.FLUSHALL, Kind.FAILOVER, Kind.KILL, Kind.RESTART);

    private static final long MEMORY_MATTERS_MS = 60_000;

    private final List<Exchange> history;
    private final List<LedgerRow> rows;
    private final List<Shelf> shelves;
    private final List<Struck> faults;
    private final Map<UUID, LedgerRow> byId = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();

    private record Shape(String mode, Set<OrderLine> lines) {}

    private Oracle(List<Exchange> history, List<LedgerRow> rows, List<Shelf> shelves, List<Struck> faults) {
        this.history = history;
        this.rows = rows;
        this.shelves = shelves;
        this.faults = faults;
    }

    /**
     * What was broken.
     *
     * @param history of all clients
     * @param rows of all orders of the run, in the order of their commits
     * @param shelves of all products that were set to some stock
     * @param faults that struck
     */
    static List<Violation> judge(
            List<Exchange> history, List<LedgerRow> rows, List<Shelf> shelves, List<Struck> faults) {
        Oracle oracle = new Oracle(history, rows, shelves, faults);
        oracle.outcomes();
        history.forEach(oracle::answer);
        oracle.keys();
        oracle.origins();
        oracle.tickets();
        oracle.overtaken();
        oracle.changes();
        oracle.sums();
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

    /** Whose publication took long may come late, and who had a ticket in a memory that is lost may have to wait anew. */
    private void overtaken() {
        Map<UUID, Exchange> promptly = new HashMap<>();
        history.stream()
                .filter(exchange -> exchange.isOrder()
                        && exchange.key() == null // or the answer may be that of a repeat
                        && exchange.orderId() != null
                        && Set.of(200, 202, 409).contains(exchange.status())
                        && exchange.answeredMs() - exchange.sentMs() < PROMPTLY_MS)
                .forEach(exchange -> promptly.put(exchange.orderId(), exchange));
        for (LedgerRow row : rows) {
            Exchange exchange = promptly.get(row.orderId());
            if (row.overtaken() && exchange != null && !lostItsMemoryAbout(exchange)) {
                broken(Rule.OVERTAKEN_FOR_A_REASON, told(exchange) + ", " + held(row) + ", overtaken", exchange);
            }
        }
    }

    private boolean lostItsMemoryAbout(Exchange exchange) {
        return faults.stream()
                .anyMatch(fault -> fault.victim().equals(Network.LINE_REDIS)
                        && MEMORY_LOSSES.contains(fault.kind())
                        && fault.atMs() < exchange.answeredMs() + MEMORY_MATTERS_MS
                        && fault.healedMs() > exchange.sentMs() - MEMORY_MATTERS_MS);
    }

    private void changes() {
        Map<Long, Integer> confirmed = new HashMap<>();
        Map<Long, Integer> asked = new HashMap<>();
        for (Exchange exchange : history) {
            if (exchange.kind() == Exchange.Kind.RESTOCK) {
                long productId = exchange.lines().get(0).productId();
                asked.merge(productId, 1, Integer::sum);
                if (exchange.status() == 200) {
                    confirmed.merge(productId, 1, Integer::sum);
                }
            }
        }
        Map<Long, Integer> booked = shelves.stream().collect(Collectors.toMap(Shelf::productId, Shelf::changes));
        Set<Long> productIds = new TreeSet<>(asked.keySet());
        productIds.addAll(booked.keySet());
        for (long productId : productIds) {
            int changes = booked.getOrDefault(productId, 0);
            int least = confirmed.getOrDefault(productId, 0);
            int most = asked.getOrDefault(productId, 0);
            if (changes < least || changes > most) {
                broken(
                        Rule.CHANGES_ARE_BOOKED,
                        "product %d was set %d times for sure, %d at most, and %d changes are booked"
                                .formatted(productId, least, most, changes),
                        null);
            }
        }
    }

    private void sums() {
        Map<Long, Long> sold = new HashMap<>();
        for (LedgerRow row : rows) {
            if (row.status().equals(Outcome.FULFILLED)) {
                row.lines().forEach(line -> sold.merge(line.productId(), (long) line.quantity(), Long::sum));
            }
        }
        for (Shelf shelf : shelves) {
            long left = shelf.booked() - sold.getOrDefault(shelf.productId(), 0L);
            if (shelf.quantity() != left || left < 0) {
                broken(
                        Rule.STOCK_ADDS_UP,
                        "of product %d %d pieces were booked and %d sold, and %d are stored"
                                .formatted(
                                        shelf.productId(),
                                        shelf.booked(),
                                        sold.getOrDefault(shelf.productId(), 0L),
                                        shelf.quantity()),
                        null);
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

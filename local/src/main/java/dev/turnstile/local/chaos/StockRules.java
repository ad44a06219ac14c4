package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Evidence.Sent;
import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What clients may rely on of the stock: all changes are booked, pieces are sold once, and no order is rejected if
 * there is stock. Between two changes the stock of a product only falls. So a reported remainder was right only if no
 * order got more that was sent after that, unless stock was set meanwhile.
 */
final class StockRules {

    /** How long stock that the ledger had confirmed may reject an order at admission. */
    private static final long BELIEVED_MS = 1000;

    private final Evidence evidence;
    private final Violations violations;
    private final Map<Long, ProductStock> shelves;

    /** A time from which on a product had at most so many pieces, until it was set: at some moment of the exchange. */
    private record Scarce(int available, long fromMs, Exchange exchange) {}

    /** Pieces that orders got between two times. */
    private record Got(long quantity, long sentMs, long byMs, String what) {}

    private record Change(long sentMs, long byMs) {}

    StockRules(Evidence evidence, Violations violations) {
        this.evidence = evidence;
        this.violations = violations;
        this.shelves =
                evidence.shelves().stream().collect(Collectors.toMap(ProductStock::productId, Function.identity()));
    }

    void judge() {
        changes();
        sums();
        refusals();
    }

    private void changes() {
        Map<Long, Integer> confirmed = confirmedChanges();
        Map<Long, Integer> asked = new HashMap<>();
        evidence.history().stream()
                .filter(exchange -> exchange.kind() == Exchange.Kind.RESTOCK)
                .forEach(exchange -> asked.merge(productOf(exchange), 1, Integer::sum));
        Set<Long> productIds = new TreeSet<>(asked.keySet());
        productIds.addAll(shelves.keySet());
        for (long productId : productIds) {
            int changes = bookedChanges(productId);
            int least = confirmed.getOrDefault(productId, 0);
            int most = asked.getOrDefault(productId, 0);
            if (changes < least || changes > most) {
                violations.broken(
                        Rule.CHANGES_ARE_BOOKED,
                        "product %d was set %d times for sure, %d at most, and %d changes are booked"
                                .formatted(productId, least, most, changes),
                        null);
            }
        }
    }

    private Map<Long, Integer> confirmedChanges() {
        Map<Long, Integer> confirmed = new HashMap<>();
        evidence.history().stream()
                .filter(exchange -> exchange.kind() == Exchange.Kind.RESTOCK && exchange.status() == 200)
                .forEach(exchange -> confirmed.merge(productOf(exchange), 1, Integer::sum));
        return confirmed;
    }

    private int bookedChanges(long productId) {
        ProductStock shelf = shelves.get(productId);
        return shelf == null ? 0 : shelf.changes();
    }

    private static long productOf(Exchange restock) {
        return restock.lines().get(0).productId();
    }

    private void sums() {
        Map<Long, Long> sold = new HashMap<>();
        for (LedgerRow row : evidence.rows()) {
            if (row.status().equals(Outcome.FULFILLED)) {
                row.lines().forEach(line -> sold.merge(line.productId(), (long) line.quantity(), Long::sum));
            }
        }
        for (ProductStock shelf : evidence.shelves()) {
            long left = shelf.booked() - sold.getOrDefault(shelf.productId(), 0L);
            if (shelf.quantity() != left || left < 0) {
                violations.broken(
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

    private void refusals() {
        Map<Long, List<Scarce>> scarce = scarce();
        Map<Long, List<Change>> changes = possibleChanges();
        got().forEach((productId, some) -> {
            List<Scarce> before = scarce.getOrDefault(productId, List.of());
            List<Change> set = changes.getOrDefault(productId, List.of());
            for (Got got : some) {
                // the last change, of those that may have happened before it was got
                long lastMs = set.stream()
                        .filter(change -> change.sentMs() <= got.byMs())
                        .mapToLong(Change::byMs)
                        .max()
                        .orElse(Long.MIN_VALUE);
                before.stream()
                        .filter(told -> told.exchange().answeredMs() < got.sentMs()
                                && told.available() < got.quantity()
                                && told.fromMs() > lastMs)
                        .findFirst()
                        .ifPresent(told -> violations.broken(
                                Rule.REFUSED_WHAT_IS_NOT_THERE,
                                "%s, that of product %d there are %d, and %s, though it was not set meanwhile"
                                        .formatted(
                                                Violations.told(told.exchange()),
                                                productId,
                                                told.available(),
                                                got.what()),
                                told.exchange()));
            }
        });
    }

    private Map<Long, List<Scarce>> scarce() {
        Sent sent = evidence.sent();
        Map<Long, List<Scarce>> scarce = new HashMap<>();
        for (Exchange exchange : evidence.history()) {
            if (exchange.isOrder()) {
                long fromMs = sent.at(exchange) - (exchange.orderId() == null ? BELIEVED_MS : 0);
                for (Shortage shortage : exchange.answer().shortages()) {
                    scarce.computeIfAbsent(shortage.productId(), id -> new ArrayList<>())
                            .add(new Scarce(shortage.available(), fromMs, exchange));
                }
            }
        }
        return scarce;
    }

    /**
     * When stock may have been set; where fewer changes are booked than were confirmed or in doubt, no doubtful one
     * was.
     */
    private Map<Long, List<Change>> possibleChanges() {
        Map<Long, Integer> confirmed = confirmedChanges();
        Map<Long, List<Change>> changes = new HashMap<>();
        for (Exchange exchange : evidence.history()) {
            if (exchange.kind() == Exchange.Kind.RESTOCK) {
                long productId = productOf(exchange);
                boolean certain = exchange.status() == 200;
                if (certain || bookedChanges(productId) > confirmed.getOrDefault(productId, 0)) {
                    changes.computeIfAbsent(productId, id -> new ArrayList<>())
                            .add(new Change(exchange.sentMs(), certain ? exchange.answeredMs() : Long.MAX_VALUE));
                }
            }
        }
        return changes;
    }

    /** Who got what, and, at last, what is left to be got. */
    private Map<Long, List<Got>> got() {
        Map<UUID, Long> knownMs = new HashMap<>();
        for (Exchange exchange : evidence.history()) {
            if (exchange.tellsOutcome() && exchange.orderId() != null) {
                knownMs.merge(exchange.orderId(), exchange.answeredMs(), Math::min);
            }
        }
        Sent sent = evidence.sent();
        Map<Long, List<Got>> got = new HashMap<>();
        for (LedgerRow row : evidence.rows()) {
            Long sentMs = sent.at(row.orderId());
            if (sentMs == null || !row.status().equals(Outcome.FULFILLED)) {
                continue;
            }
            long byMs = knownMs.getOrDefault(row.orderId(), Long.MAX_VALUE);
            for (OrderLine line : row.lines()) {
                got.computeIfAbsent(line.productId(), id -> new ArrayList<>())
                        .add(new Got(
                                line.quantity(),
                                sentMs,
                                byMs,
                                "%s, sent at %.3f s".formatted(Violations.held(row), sentMs / 1000.0)));
            }
        }
        for (ProductStock shelf : evidence.shelves()) {
            got.computeIfAbsent(shelf.productId(), id -> new ArrayList<>())
                    .add(new Got(
                            shelf.quantity(),
                            Long.MAX_VALUE,
                            Long.MAX_VALUE,
                            "at the end there are " + shelf.quantity()));
        }
        return got;
    }
}

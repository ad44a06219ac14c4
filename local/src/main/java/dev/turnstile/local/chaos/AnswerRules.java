package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.fault.Network;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The answers of each client must agree with the ledger, and with earlier answers. */
final class AnswerRules {

    private static final String OUT_OF_STOCK = "out-of-stock";
    private static final String LOCK_UNAVAILABLE = "lock-unavailable";
    private static final String NOT_IN_LINE = "not-in-line";

    /** Processes whose names begin so are APIs. */
    private static final String API = "api-";

    /** For so long after a fault a process may not ask the server that it kept from it. */
    private static final long FOUND_AGAIN_MS = 5000;

    private final Evidence evidence;
    private final LineRules line;
    private final Violations violations;
    private final Map<UUID, LedgerRow> rows;

    /** When a client first received that an order is decided. */
    private final Map<UUID, Long> decidedMs = new HashMap<>();

    /** The same of the order of a key. */
    private final Map<String, Long> keyDecidedMs = new HashMap<>();

    private final Map<UUID, Mode> modes = new HashMap<>();

    AnswerRules(Evidence evidence, LineRules line, Violations violations) {
        this.evidence = evidence;
        this.line = line;
        this.violations = violations;
        this.rows = evidence.rowsById();
        for (Exchange exchange : evidence.history()) {
            UUID orderId = exchange.orderId();
            if (orderId == null) {
                continue;
            }
            if (exchange.mode() != null) {
                modes.put(orderId, exchange.mode());
            }
            if (exchange.tellsOutcome()) {
                decidedMs.merge(orderId, exchange.answeredMs(), Math::min);
                if (exchange.key() != null
                        && !Outcome.UNAVAILABLE.equals(exchange.answer().told())) {
                    keyDecidedMs.merge(exchange.key(), exchange.answeredMs(), Math::min);
                }
            }
        }
    }

    void judge() {
        evidence.history().forEach(this::answer);
    }

    private void answer(Exchange exchange) {
        switch (exchange.kind()) {
            case ORDER -> ordered(exchange);
            case LEAVE -> left(exchange);
            case LOOK, FOLLOW -> asked(exchange);
            case RESTOCK -> demand(Set.of(0, 200, 503).contains(exchange.status()), Rule.KNOWN_ANSWERS, exchange);
        }
    }

    private void ordered(Exchange exchange) {
        LedgerRow row = row(exchange);
        boolean told = toldAsItIs(exchange, row);
        switch (exchange.status()) {
            case 200 ->
                demand(
                        told && is(row, Outcome.FULFILLED) && isOrdered(exchange, row),
                        Rule.FULFILLED_IS_IN_THE_LEDGER,
                        exchange);
            case 202 -> demand(told && isOrdered(exchange, row), Rule.ACCEPTED_IS_DECIDED, exchange);
            case 409 ->
                demand(
                        OUT_OF_STOCK.equals(exchange.problem())
                                && areShort(exchange)
                                && (exchange.orderId() == null
                                        ? !wasDecidedBefore(exchange)
                                        : told && is(row, Outcome.OUT_OF_STOCK)),
                        Rule.REFUSED_TOOK_NOTHING,
                        exchange);
            case 410 -> demand(told && is(row, Outcome.CANCELLED), Rule.LEFT_IS_CANCELLED, exchange);
            case 503 ->
                demand(
                        !LOCK_UNAVAILABLE.equals(exchange.problem()) || is(row, Outcome.UNAVAILABLE),
                        Rule.UNAVAILABLE_IS_FINAL,
                        exchange);
            case 0, 429 -> {} // nothing was promised
            default -> demand(false, Rule.KNOWN_ANSWERS, exchange);
        }
    }

    /** A repeated request whose order is decided gets its outcome, and is not rejected at admission. */
    private boolean wasDecidedBefore(Exchange exchange) {
        String key = exchange.key();
        return key != null && keyDecidedMs.getOrDefault(key, Long.MAX_VALUE) < exchange.sentMs();
    }

    /** Reported shortages name ordered products with less than the ordered quantity. */
    private static boolean areShort(Exchange exchange) {
        Map<Long, Integer> wanted = exchange.lines().stream()
                .collect(Collectors.toMap(OrderLine::productId, OrderLine::quantity, Integer::sum));
        List<Shortage> shortages = exchange.answer().shortages();
        return !shortages.isEmpty()
                && shortages.stream()
                        .allMatch(shortage -> Objects.equals(wanted.get(shortage.productId()), shortage.requested())
                                && shortage.available() >= 0
                                && shortage.available() < shortage.requested());
    }

    private void left(Exchange exchange) {
        LedgerRow row = row(exchange);
        switch (exchange.status()) {
            case 200 ->
                demand(toldAsItIs(exchange, row) && is(row, Outcome.CANCELLED), Rule.LEFT_IS_CANCELLED, exchange);
            case 409 -> {
                if (NOT_IN_LINE.equals(exchange.problem())) {
                    notFound(exchange);
                } else {
                    demand(
                            toldAsItIs(exchange, row) && row != null && !is(row, Outcome.CANCELLED),
                            Rule.LEFT_IS_CANCELLED,
                            exchange);
                }
            }
            case 404 -> notFound(exchange);
            case 0, 503 -> {} // nothing was promised
            default -> demand(false, Rule.LEFT_IS_CANCELLED, exchange);
        }
    }

    private void asked(Exchange exchange) {
        switch (exchange.status()) {
            case 200 ->
                demand(
                        exchange.problem() == null && toldAsItIs(exchange, row(exchange)),
                        Rule.QUESTIONS_ARE_ANSWERED,
                        exchange);
            case 404 -> notFound(exchange);
            case 0, 503 -> {} // nothing was promised
            default -> demand(false, Rule.QUESTIONS_ARE_ANSWERED, exchange);
        }
    }

    /**
     * An order that is decided is found, and one that is accepted is, in the line. A distributed one is known where it
     * came only.
     */
    private void notFound(Exchange exchange) {
        UUID orderId = Objects.requireNonNull(exchange.orderId());
        boolean known =
                wasDecided(orderId, exchange) || (modes.get(orderId) == Mode.FAIR && line.wasKnown(orderId, exchange));
        demand(!known, Rule.QUESTIONS_ARE_ANSWERED, exchange);
    }

    private boolean wasDecided(UUID orderId, Exchange asked) {
        return decidedMs.getOrDefault(orderId, Long.MAX_VALUE) < asked.sentMs();
    }

    /**
     * Whether the reported outcome of an order is its own; and "waiting" is reported only before the outcome was known.
     */
    private boolean toldAsItIs(Exchange exchange, @Nullable LedgerRow row) {
        String told = exchange.answer().told();
        UUID orderId = exchange.orderId();
        if (told == null || orderId == null) {
            return true;
        }
        if (told.equals(Exchange.WAITING)) {
            return !wasDecided(orderId, exchange) || mayWaitAgain(exchange);
        }
        return row != null
                && row.status().equals(told)
                && (exchange.ticket() == null || exchange.ticket().equals(row.ticket()));
    }

    /**
     * A repeated request is also answered with "waiting" while the line holds its ticket, decided or not. So the
     * ticket must have been drawn before a client knew the outcome, or by the first request that drew from a new
     * memory. Of a distributed order there is none, so the memory must have been lost, or not been asked when the order
     * first came.
     */
    private boolean mayWaitAgain(Exchange exchange) {
        if (!exchange.isOrder() || exchange.key() == null) {
            return false;
        }
        if (exchange.mode() == Mode.DISTRIBUTED) {
            return evidence.history().stream()
                    .noneMatch(earlier -> exchange.key().equals(earlier.key())
                            && Objects.equals(exchange.orderId(), earlier.orderId())
                            && earlier.answeredMs() < exchange.sentMs()
                            && line.keptItsMemory(earlier.sentMs(), exchange.answeredMs())
                            && couldAsk(earlier));
        }
        return exchange.ticket() != null
                && !line.wasDrawnAgainAfter(exchange, decidedMs.getOrDefault(exchange.orderId(), Long.MAX_VALUE));
    }

    /** Whether no fault kept an API from the line's Redis around a request. */
    private boolean couldAsk(Exchange exchange) {
        return evidence.faults().stream()
                .filter(fault -> fault.victim().contains(Network.LINE_REDIS)
                        || fault.victim().startsWith(API))
                .noneMatch(fault -> fault.atMs() <= exchange.answeredMs()
                        && exchange.sentMs() <= fault.healedMs() + FOUND_AGAIN_MS);
    }

    private @Nullable LedgerRow row(Exchange exchange) {
        return exchange.orderId() == null ? null : rows.get(exchange.orderId());
    }

    private static boolean is(@Nullable LedgerRow row, String status) {
        return row != null && row.status().equals(status);
    }

    private static boolean isOrdered(Exchange exchange, @Nullable LedgerRow row) {
        return row != null && Shape.of(row).equals(Shape.of(exchange));
    }

    private void demand(boolean right, Rule rule, Exchange exchange) {
        if (!right) {
            violations.broken(rule, exchange, row(exchange));
        }
    }
}

package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Evidence.Published;
import dev.turnstile.local.chaos.Evidence.Sent;
import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What fair orders may rely on: first come, first served. The order of arrival is what a client saw: an answer that was
 * there before something else was sent. It needs no clock but the clients' one, which all of them share.
 *
 * <p>A memory of the line is known by the epoch of its tickets. It was still there at the time when an order was sent
 * that got a ticket of that epoch: that order drew after that.
 */
final class LineRules {

    /** Less than the line waits for a publication, or for the heartbeat of one that publishes. */
    static final long PROMPTLY_MS = 2000;

    private static final int EPOCH_SHIFT = 40;

    private final Evidence evidence;
    private final Sent sent;
    private final Violations violations;

    /** By epoch, when the last order was sent that got a ticket in it. */
    private final Map<Long, Long> lastSentIn = new HashMap<>();

    /** By epoch, when a client first received a ticket of it. */
    private final Map<Long, Long> firstToldIn = new HashMap<>();

    /** When a client knew that an order was published with the ticket that it received. */
    private final Map<Stub, Long> acceptedMs = new HashMap<>();

    /** All tickets of each order: those that clients received, those of its records, and the ledger's. */
    private final Map<UUID, TreeSet<Long>> ticketsOf = new HashMap<>();

    private record Stub(UUID orderId, long ticket) {}

    LineRules(Evidence evidence, Violations violations) {
        this.evidence = evidence;
        this.sent = evidence.sent();
        this.violations = violations;
        evidence.published().forEach(record -> note(record.orderId(), record.ticket()));
        evidence.rows().forEach(row -> note(row.orderId(), row.ticket()));
        for (Exchange exchange : evidence.history()) {
            Long ticket = exchange.ticket();
            note(exchange.orderId(), ticket);
            if (!exchange.isOrder() || ticket == null || exchange.orderId() == null) {
                continue;
            }
            lastSentIn.merge(epoch(ticket), sent.at(exchange), Math::max);
            firstToldIn.merge(epoch(ticket), exchange.answeredMs(), Math::min);
            String told = exchange.answer().told();
            if (told != null && !told.equals(Outcome.CANCELLED)) { // who leaves may not be published yet
                acceptedMs.merge(new Stub(exchange.orderId(), ticket), exchange.answeredMs(), Math::min);
            }
        }
    }

    private void note(@Nullable UUID orderId, @Nullable Long ticket) {
        if (orderId != null && ticket != null) {
            ticketsOf.computeIfAbsent(orderId, id -> new TreeSet<>()).add(ticket);
        }
    }

    private static long epoch(long ticket) {
        return ticket >> EPOCH_SHIFT;
    }

    /** Whether the memory in which a ticket was drawn was still there after that. */
    private boolean wasRemembered(long ticket, long atMs) {
        return lastSentIn.getOrDefault(epoch(ticket), Long.MIN_VALUE) > atMs;
    }

    /** Whether one memory was there from a time on until another one. */
    boolean keptItsMemory(long fromMs, long untilMs) {
        return firstToldIn.entrySet().stream()
                .anyMatch(told ->
                        told.getValue() < fromMs && lastSentIn.getOrDefault(told.getKey(), Long.MIN_VALUE) > untilMs);
    }

    void judge() {
        tickets();
        arrivals();
        overtaken();
    }

    private void tickets() {
        Map<Long, Long> highest = new HashMap<>();
        for (LedgerRow row : evidence.rows()) {
            Long ticket = row.ticket();
            boolean served = Set.of(Outcome.FULFILLED, Outcome.OUT_OF_STOCK).contains(row.status());
            if (!isFair(row) || ticket == null || row.overtaken() || !served) {
                continue;
            }
            for (OrderLine line : row.lines()) {
                long before = highest.merge(line.productId(), ticket, Math::max);
                if (before > ticket) {
                    violations.broken(Rule.TICKET_ORDER, Violations.held(row) + " came after ticket " + before, null);
                }
            }
        }
    }

    /** A ticket that was received before another order was sent is the smaller one. */
    private void arrivals() {
        Map<UUID, LedgerRow> rows = evidence.rowsById();
        List<Exchange> told = evidence.history().stream()
                .filter(exchange -> exchange.ticket() != null)
                .sorted(Comparator.comparingLong(Exchange::answeredMs))
                .toList();
        List<Exchange> orders = evidence.history().stream()
                .filter(exchange -> exchange.isOrder() && exchange.mode() == Mode.FAIR && exchange.orderId() != null)
                .sorted(Comparator.comparingLong(sent::at))
                .toList();
        int next = 0;
        Exchange last = null;
        for (Exchange order : orders) {
            while (next < told.size() && told.get(next).answeredMs() < sent.at(order)) {
                Exchange answered = told.get(next++);
                if (last == null || ticket(answered) > ticket(last)) {
                    last = answered;
                }
            }
            LedgerRow row = rows.get(order.orderId());
            Long ticket = order.ticket() != null || row == null ? order.ticket() : row.ticket();
            if (last != null && ticket != null && ticket < ticket(last)) {
                violations.broken(
                        Rule.FIRST_COME,
                        Violations.told(order) + ", has ticket " + ticket + ", and before it was sent "
                                + Violations.told(last),
                        order);
            }
        }
    }

    private static long ticket(Exchange exchange) {
        return Objects.requireNonNull(exchange.ticket());
    }

    /**
     * An order may only be overtaken that was published after the line had lost the memory in which its ticket was
     * drawn, or so late that its ticket had left as an orphan. It was neither, if it was known to be published
     * promptly, and an order that was sent after that still drew from the same memory.
     */
    private void overtaken() {
        Map<Stub, Long> publishedMs = publishedMs();
        for (LedgerRow row : evidence.rows()) {
            Long ticket = row.ticket();
            Long sentMs = sent.at(row.orderId());
            if (!row.overtaken() || ticket == null || sentMs == null) {
                continue;
            }
            Long atMs = publishedMs.get(new Stub(row.orderId(), ticket));
            if (atMs != null && atMs - sentMs < PROMPTLY_MS && wasRemembered(ticket, atMs)) {
                violations.broken(
                        Rule.OVERTAKEN_FOR_A_REASON,
                        "%s, sent at %.3f s, published by %.3f s, and the line remembered its epoch at %.3f s"
                                .formatted(
                                        Violations.held(row),
                                        sentMs / 1000.0,
                                        atMs / 1000.0,
                                        lastSentIn.getOrDefault(epoch(ticket), 0L) / 1000.0),
                        null);
            }
        }
    }

    /**
     * When each record was there at the latest: a client of it knew that, or one of a record behind it in its
     * partition.
     */
    private Map<Stub, Long> publishedMs() {
        Map<Stub, Long> published = new HashMap<>(acceptedMs);
        Set<Stub> seen = new HashSet<>();
        List<Published> firsts = evidence.published().stream() // a repeated one may come late
                .filter(record -> seen.add(new Stub(record.orderId(), record.ticket())))
                .toList();
        Map<Integer, Long> behind = new HashMap<>();
        for (int i = firsts.size() - 1; i >= 0; i--) {
            Published record = firsts.get(i);
            Stub stub = new Stub(record.orderId(), record.ticket());
            Long known = acceptedMs.get(stub);
            if (known != null) {
                behind.merge(record.partition(), known, Math::min);
            }
            Long by = behind.get(record.partition());
            if (by != null) {
                published.put(stub, by);
            }
        }
        return published;
    }

    /**
     * Whether a fair order was in the line, or decided, throughout a request, as its client had learned: it was
     * published promptly before, and the line still remembered its ticket afterwards.
     */
    boolean wasKnown(UUID orderId, Exchange asked) {
        return acceptedMs.entrySet().stream()
                .filter(accepted -> accepted.getKey().orderId().equals(orderId))
                .anyMatch(accepted -> accepted.getValue() < asked.sentMs()
                        && accepted.getValue() - Objects.requireNonNull(sent.at(orderId)) < PROMPTLY_MS
                        && wasRemembered(accepted.getKey().ticket(), asked.answeredMs()));
    }

    /**
     * Whether the ticket in the answer to a request under a key was drawn after a time, and for an order that had drawn
     * one from the same memory before. That memory has the key, so the ledger was to be asked. The ticket was drawn
     * after that time if an order that was sent later has a smaller one. Requests under the key that were sent before
     * that time may draw until they are answered.
     */
    boolean wasDrawnAgainAfter(Exchange told, long atMs) {
        long ticket = ticket(told);
        Long before = ticketsOf.getOrDefault(told.orderId(), new TreeSet<>()).lower(ticket);
        if (before == null || epoch(before) != epoch(ticket)) {
            return false;
        }
        long fromMs = evidence.history().stream()
                .filter(exchange ->
                        exchange.isOrder() && exchange.sentMs() <= atMs && Objects.equals(exchange.key(), told.key()))
                .mapToLong(exchange -> exchange.status() == 0 ? Long.MAX_VALUE : exchange.answeredMs())
                .reduce(atMs, Math::max);
        return evidence.history().stream()
                .anyMatch(later -> later.isOrder()
                        && later.ticket() != null
                        && epoch(ticket(later)) == epoch(ticket)
                        && ticket(later) < ticket
                        && sent.at(later) > fromMs);
    }

    private static boolean isFair(LedgerRow row) {
        return row.mode().equals(Mode.FAIR.name());
    }
}

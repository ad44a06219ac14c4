package dev.turnstile.local.audit;

import dev.turnstile.local.audit.LineState.Entry;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The checks of one snapshot of the line: its keys against each other, against the ledger and against the published
 * records.
 */
final class LineChecks {

    /** A claim is overdue if no worker has ended it for this long after its lease; the next turn of any worker does. */
    static final Duration CLAIM_OVERDUE_AFTER = Duration.ofSeconds(6);

    /** A ticket that no worker has met for this long was given up, or published and lost. */
    static final Duration ORPHAN_AFTER = Duration.ofSeconds(30);

    /** A ticket and a fence are {@code epoch · 2^40 + number}. */
    private static final int SEQUENCE_BITS = 40;

    private final LineState line;
    private final LongPredicate products;
    private final Sightings sightings;
    private final Map<Long, @Nullable String> headOf = new HashMap<>();

    LineChecks(LineState line, LongPredicate products, Sightings sightings) {
        this.line = line;
        this.products = products;
        this.sightings = sightings;
    }

    /** {@link Check#LINE_ENTRIES}, {@link Check#LINE_HEADS} and {@link Check#CLAIMS}: the line in itself. */
    void look() {
        orders();
        tickets();
        queues();
        members("parked", line.parked().keySet());
        members("unparked", line.unparked().keySet());
        heads();
        claims();
    }

    /** The orders in the line that are to be looked at. */
    Set<UUID> orderIds() {
        Set<UUID> ids = new HashSet<>();
        line.orders().forEach((orderId, ticket) -> {
            UUID id = uuid(orderId);
            Entry entry = line.tickets().get(ticket);
            if (id != null && (entry == null || isLookedAt(entry))) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** {@link Check#DECIDED_LEAVE}. */
    void decided(Set<UUID> decided) {
        Set<UUID> ids = orderIds();
        sightings.checked(Check.DECIDED_LEAVE, ids.size());
        ids.stream()
                .filter(decided::contains)
                .forEach(id -> sightings.saw(
                        Check.DECIDED_LEAVE,
                        id.toString(),
                        Finding.ofOrder(id, "ticket " + line.orders().get(id.toString()) + " is in the line")));
    }

    /**
     * {@link Check#PARKED_KEPT} and {@link Check#ORPHANS}.
     *
     * @param published the orders whose records were in the topic, not committed, after the line was read
     * @param decided the orders in the line that the ledger knew after that
     */
    void unpublished(Set<UUID> published, Set<UUID> decided) {
        line.tickets().forEach((ticket, entry) -> {
            UUID id = uuid(entry.orderId());
            if (id == null || !isLookedAt(entry)) {
                return;
            }
            boolean known = published.contains(id) || decided.contains(id);
            String keeper = line.parked().get(ticket);
            Double drawnAt = line.unparked().get(ticket);
            if (keeper != null) {
                sightings.checked(Check.PARKED_KEPT, 1);
                if (!known) {
                    sightings.saw(
                            Check.PARKED_KEPT,
                            ticket,
                            Finding.ofOrder(
                                    id,
                                    "ticket " + ticket + " is parked by " + keeper
                                            + ", has no outcome, and its record is not among those that are not"
                                            + " committed"));
                }
            } else if (drawnAt != null) {
                sightings.checked(Check.ORPHANS, 1);
                double ageMs = line.nowMs() - drawnAt;
                if (!known && ageMs > ORPHAN_AFTER.toMillis()) {
                    sightings.saw(
                            Check.ORPHANS,
                            ticket,
                            Finding.ofOrder(
                                    id,
                                    "ticket " + ticket + " was drawn " + Math.round(ageMs / 1000)
                                            + " s ago, no worker has consumed it, and no record of it waits"));
                }
            }
        });
    }

    /**
     * {@link Check#LINE_MEMORY}.
     *
     * @param rows read first
     * @param epochs epochs of the line that the ledger has given out; read after the rows
     * @param state counters of the line; read after the rows
     */
    static void memory(Collection<LedgerStock.Row> rows, long epochs, Map<String, String> state, Findings findings) {
        Long epoch = counter(state, "epoch");
        for (LedgerStock.Row row : rows) {
            findings.checked(Check.LINE_MEMORY, 1);
            List<String> problems = new ArrayList<>();
            if (epochOf(row.lineTicket()) > epochs || epochOf(row.lineFence()) > epochs) {
                problems.add("the ledger has given out " + epochs + " epochs");
            }
            if (epoch != null) {
                long lastTicket = lastOf(epoch, counter(state, "seq"));
                if (row.lineTicket() > lastTicket) {
                    problems.add("the line's last ticket is " + lastTicket);
                }
                long lastFence = lastOf(epoch, counter(state, "fence"));
                if (row.lineFence() > lastFence) {
                    problems.add("the line's last fence is " + lastFence);
                }
            }
            if (!problems.isEmpty()) {
                findings.violated(
                        Check.LINE_MEMORY,
                        Finding.ofProduct(
                                row.productId(),
                                "ticket " + row.lineTicket() + " was decided, fence " + row.lineFence()
                                        + " committed, and " + String.join(", ", problems)));
            }
        }
    }

    private static long lastOf(long epoch, @Nullable Long count) {
        return (epoch << SEQUENCE_BITS) + (count == null ? 0 : count);
    }

    private static long epochOf(long number) {
        return number >> SEQUENCE_BITS;
    }

    private static @Nullable Long counter(Map<String, String> state, String name) {
        String digits = state.get(name);
        return digits == null || !digits.matches("\\d{1,16}") ? null : Long.valueOf(digits);
    }

    private void orders() {
        line.orders().forEach((orderId, ticket) -> {
            Entry entry = line.tickets().get(ticket);
            if (entry == null) {
                entry(ticket, "orders " + orderId, uuid(orderId), "order " + orderId + " is missing there");
            } else if (isLookedAt(entry) && !entry.orderId().equals(orderId)) {
                entry(
                        ticket,
                        "orders " + orderId,
                        uuid(orderId),
                        "order " + orderId + " belongs there, and " + entry.orderId() + " is there");
            }
        });
    }

    private void tickets() {
        line.tickets().forEach((ticket, entry) -> {
            UUID id = uuid(entry.orderId());
            if (id == null || entry.products().isEmpty()) {
                entry(ticket, "record", null, "its record can't be read");
                return;
            }
            if (!isLookedAt(entry)) {
                return;
            }
            sightings.checked(Check.LINE_ENTRIES, 1);
            if (!ticket.equals(line.orders().get(entry.orderId()))) {
                entry(
                        ticket,
                        "order",
                        id,
                        "its order does not name it, but " + line.orders().get(entry.orderId()));
            }
            for (long productId : entry.products()) {
                if (products.test(productId)) {
                    Double score =
                            line.queues().getOrDefault(productId, Map.of()).get(ticket);
                    if (score == null) {
                        entry(ticket, "queue " + productId, id, "it is not in the queue of product " + productId);
                    } else if (!isScore(score, ticket)) {
                        entry(
                                ticket,
                                "score " + productId,
                                id,
                                "it is in the queue of product " + productId + " at " + score);
                    }
                }
            }
            boolean parked = line.parked().containsKey(ticket);
            boolean unparked = line.unparked().containsKey(ticket);
            if (parked == unparked) {
                entry(
                        ticket,
                        "parked",
                        id,
                        parked ? "it is both parked and unparked" : "it is neither parked nor unparked");
            }
        });
    }

    private void queues() {
        line.queues().forEach((productId, queue) -> queue.keySet().forEach(ticket -> {
            Entry entry = line.tickets().get(ticket);
            if (entry == null) {
                entry(
                        ticket,
                        "ghost " + productId,
                        null,
                        "it is in the queue of product " + productId + " and has no record");
            } else if (!entry.products().contains(productId)) {
                entry(
                        ticket,
                        "stray " + productId,
                        uuid(entry.orderId()),
                        "it is in the queue of product " + productId + ", which its order is not for");
            }
        }));
    }

    private void members(String key, Set<String> members) {
        members.stream()
                .filter(ticket -> !line.tickets().containsKey(ticket))
                .forEach(ticket -> entry(ticket, key, null, "it is in " + key + " and has no record"));
    }

    private void heads() {
        members("heads", line.heads().keySet());
        line.heads().forEach((ticket, score) -> {
            Entry entry = line.tickets().get(ticket);
            if (entry != null && isLookedAt(entry)) {
                if (!line.parked().containsKey(ticket)) {
                    entry(ticket, "unparked head", uuid(entry.orderId()), "it is in heads and is not parked");
                } else if (!isScore(score, ticket)) {
                    entry(ticket, "head score", uuid(entry.orderId()), "it is in heads at " + score);
                }
            }
        });
        line.parked().forEach((ticket, keeper) -> {
            Entry entry = line.tickets().get(ticket);
            if (entry != null && isLookedAt(entry) && entry.products().stream().allMatch(this::isKnownQueue)) {
                sightings.checked(Check.LINE_HEADS, 1);
                boolean free = entry.products().stream()
                        .allMatch(productId ->
                                ticket.equals(head(productId)) && !line.held().containsKey(Long.toString(productId)));
                if (free && !line.heads().containsKey(ticket)) {
                    sightings.saw(
                            Check.LINE_HEADS,
                            ticket,
                            Finding.ofOrder(
                                    uuid(entry.orderId()),
                                    "ticket " + ticket
                                            + " is first in all its queues, no claim holds them, and it is not"
                                            + " in heads"));
                }
            }
        });
    }

    /** Queues of products that are not looked at were not read. */
    private boolean isKnownQueue(long productId) {
        return products.test(productId);
    }

    private @Nullable String head(long productId) {
        return headOf.computeIfAbsent(productId, line::head);
    }

    private void claims() {
        Set<String> fences = new HashSet<>(line.claims().keySet());
        fences.addAll(line.runs().keySet());
        for (String fence : fences) {
            List<String> run = line.runs().getOrDefault(fence, List.of());
            if (!run.isEmpty() && run.stream().noneMatch(this::isLookedAt)) {
                continue;
            }
            sightings.checked(Check.CLAIMS, 1);
            Double leaseEnd = line.claims().get(fence);
            if (run.isEmpty()) {
                claim(fence, "run", "it has no run");
            }
            if (leaseEnd == null) {
                claim(fence, "lease", "it has no lease, so that nothing ends it");
            } else if (leaseEnd < line.nowMs() - CLAIM_OVERDUE_AFTER.toMillis()) {
                claim(
                        fence,
                        "overdue",
                        "its lease ended " + Math.round((line.nowMs() - leaseEnd) / 1000)
                                + " s ago, and no worker ended it");
            }
            for (String productId : run) {
                if (!isHeldBy(fence, productId)) {
                    claim(
                            fence,
                            "holds " + productId,
                            "product " + productId + " does not name it, but "
                                    + line.held().get(productId));
                }
            }
        }
        line.held().forEach((productId, fence) -> {
            if (isLookedAt(productId)
                    && !line.runs().getOrDefault(fence, List.of()).contains(productId)) {
                claim(
                        fence,
                        "held " + productId,
                        "product " + productId + " is held by it, and it is not for that product");
            }
        });
    }

    /** Whether a product names a claim, or a later one behind it. */
    private boolean isHeldBy(String fence, String productId) {
        String holder = line.held().get(productId);
        return fence.equals(holder)
                || (holder != null
                        && line.runs().getOrDefault(holder, List.of()).contains(productId)
                        && new BigInteger(holder).compareTo(new BigInteger(fence)) > 0);
    }

    private boolean isLookedAt(Entry entry) {
        return entry.products().stream().anyMatch(products::test);
    }

    private boolean isLookedAt(String productId) {
        return !productId.matches("\\d{1,18}") || products.test(Long.parseLong(productId));
    }

    private void entry(String ticket, String key, @Nullable UUID orderId, String what) {
        sightings.saw(
                Check.LINE_ENTRIES, ticket + " " + key, Finding.ofOrder(orderId, "ticket " + ticket + ": " + what));
    }

    private void claim(String fence, String key, String what) {
        sightings.saw(Check.CLAIMS, fence + " " + key, Finding.of("claim " + fence + ": " + what));
    }

    private static boolean isScore(double score, String ticket) {
        return ticket.matches("\\d{1,16}") && score == Long.parseLong(ticket);
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return UUID.fromString(Objects.requireNonNullElse(text, ""));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}

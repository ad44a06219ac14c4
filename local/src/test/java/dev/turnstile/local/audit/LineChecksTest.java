package dev.turnstile.local.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A line made by hand: tickets 1 and 2 of product 7 are claimed under fence 5, 3 is parked, 4 was just drawn. */
class LineChecksTest {

    private static final long NOW_MS = 1_000_000;

    private final Map<String, String> orders = new HashMap<>();
    private final Map<String, LineState.Entry> tickets = new HashMap<>();
    private final Map<Long, Map<String, Double>> queues = new HashMap<>();
    private final Map<String, String> parked = new HashMap<>();
    private final Map<String, Double> heads = new HashMap<>();
    private final Map<String, Double> unparked = new HashMap<>();
    private final Map<String, String> held = new HashMap<>();
    private final Map<String, Double> claims = new HashMap<>();
    private final Map<String, List<String>> runs = new HashMap<>();
    private LongPredicate products = product -> true;

    @BeforeEach
    void makeLine() {
        List.of(orders, tickets, queues, parked, heads, unparked, held, claims, runs)
                .forEach(Map::clear);
        draw(1, 7);
        draw(2, 7);
        draw(3, 7, 8);
        draw(4, 8, 9);
        for (int ticket = 1; ticket <= 3; ticket++) {
            unparked.remove(Integer.toString(ticket));
            parked.put(Integer.toString(ticket), "worker-1");
        }
        heads.put("3", 3.0);
        claims.put("5", NOW_MS + 3000.0);
        runs.put("5", List.of("7"));
        held.put("7", "5");
    }

    private void draw(int number, long... productIds) {
        String ticket = Integer.toString(number);
        String orderId = new UUID(0, number).toString();
        orders.put(orderId, ticket);
        tickets.put(
                ticket,
                new LineState.Entry(orderId, Arrays.stream(productIds).boxed().toList()));
        for (long productId : productIds) {
            queue(productId).put(ticket, (double) number);
        }
        unparked.put(ticket, NOW_MS - 100.0);
    }

    private Map<String, Double> queue(long productId) {
        return Objects.requireNonNull(queues.computeIfAbsent(productId, id -> new HashMap<>()));
    }

    @Test
    void aLineThatWorksHasNothingWrong() {
        assertThat(look()).isEmpty();
    }

    @Test
    void aTicketMissesNothingAndNothingIsLeftOfIt() {
        queue(8).remove("3");
        assertThat(look()).containsExactly("ticket 3: it is not in the queue of product 8");
        makeLine();
        queue(8).put("3", 3.5);
        assertThat(look()).containsExactly("ticket 3: it is in the queue of product 8 at 3.5");
        makeLine();
        queue(8).put("77", 77.0);
        assertThat(look()).containsExactly("ticket 77: it is in the queue of product 8 and has no record");
        queue(8).remove("77");
        queue(9).put("3", 3.0);
        assertThat(look()).containsExactly("ticket 3: it is in the queue of product 9, which its order is not for");
        queue(9).remove("3");
        parked.put("78", "worker-1");
        unparked.put("79", 5.0);
        heads.put("80", 80.0);
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "ticket 78: it is in parked and has no record",
                        "ticket 79: it is in unparked and has no record",
                        "ticket 80: it is in heads and has no record");
    }

    @Test
    void ordersAndTicketsNameEachOther() {
        String orderId = new UUID(0, 4).toString();
        orders.put(orderId, "44");
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "ticket 44: order " + orderId + " is missing there",
                        "ticket 4: its order does not name it, but 44");
        orders.put(orderId, "3");
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "ticket 3: order " + orderId + " belongs there, and " + new UUID(0, 3) + " is there",
                        "ticket 4: its order does not name it, but 3");
    }

    @Test
    void aTicketIsParkedOrNot() {
        parked.put("4", "worker-1");
        unparked.remove("3");
        parked.remove("3");
        heads.clear();
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "ticket 4: it is both parked and unparked", "ticket 3: it is neither parked nor unparked");
    }

    @Test
    void aParkedTicketThatNothingIsAheadOfIsAHead() {
        held.clear();
        runs.clear();
        claims.clear();
        assertThat(look())
                .containsExactly("ticket 1 is first in all its queues, no claim holds them, and it is not in heads");
        heads.put("1", 1.0);
        assertThat(look()).isEmpty();
        heads.put("1", 9.0);
        assertThat(look()).containsExactly("ticket 1: it is in heads at 9.0");
        heads.put("1", 1.0);
        heads.put("4", 4.0);
        assertThat(look()).containsExactly("ticket 4: it is in heads and is not parked");
    }

    @Test
    void aClaimHoldsItsProductsAndHasALease() {
        held.put("9", "5");
        assertThat(look()).containsExactly("claim 5: product 9 is held by it, and it is not for that product");
        held.remove("9");
        held.put("7", "6");
        assertThat(look())
                .containsExactlyInAnyOrder(
                        "claim 5: product 7 does not name it, but 6",
                        "claim 6: product 7 is held by it, and it is not for that product");
        held.put("7", "5");
        claims.remove("5");
        assertThat(look()).containsExactly("claim 5: it has no lease, so that nothing ends it");
        claims.put("5", NOW_MS - 6001.0);
        assertThat(look()).containsExactly("claim 5: its lease ended 6 s ago, and no worker ended it");
        claims.put("5", NOW_MS - 6000.0);
        claims.put("4", NOW_MS + 1.0);
        assertThat(look()).containsExactly("claim 4: it has no run");
    }

    @Test
    void onlyTheProductsAskedForAreLookedAt() {
        products = product -> product == 9;
        queue(7).remove("1");
        parked.remove("2");
        held.put("7", "6");
        queues.keySet().retainAll(Set.of(9L));
        assertThat(look()).isEmpty();
        assertThat(new LineChecks(line(), products, new Sightings()).orderIds()).containsExactly(new UUID(0, 4));
        queue(9).remove("4");
        assertThat(look()).containsExactly("ticket 4: it is not in the queue of product 9");
    }

    @Test
    void aDecidedOrderHasLeft() {
        Sightings sightings = new Sightings();
        new LineChecks(line(), products, sightings).decided(Set.of(new UUID(0, 2), new UUID(0, 99)));
        assertThat(told(sightings)).containsExactly("ticket 2 is in the line");
    }

    @Test
    void aParkedOrderHasARecordThatIsNotCommittedOrAnOutcome() {
        assertThat(unpublished(Set.of(new UUID(0, 1), new UUID(0, 3)), Set.of(new UUID(0, 2))))
                .isEmpty();
        assertThat(unpublished(Set.of(new UUID(0, 1)), Set.of(new UUID(0, 2))))
                .singleElement()
                .asString()
                .startsWith("ticket 3 is parked by worker-1, has no outcome");
    }

    @Test
    void aTicketThatNobodyMetIsAnOrphanInTheEnd() {
        Set<UUID> parkedOnes = Set.of(new UUID(0, 1), new UUID(0, 2), new UUID(0, 3));
        assertThat(unpublished(parkedOnes, Set.of())).as("young").isEmpty();
        unparked.put("4", NOW_MS - 30_001.0);
        assertThat(unpublished(parkedOnes, Set.of()))
                .containsExactly("ticket 4 was drawn 30 s ago, no worker has consumed it, and no record of it waits");
        assertThat(unpublished(Set.of(new UUID(0, 4)), parkedOnes))
                .as("its record waits")
                .isEmpty();
    }

    @Test
    void theLineIsNotBehindTheLedger() {
        LedgerStock.Row row = new LedgerStock.Row(7, 0, 1, (2L << 40) + 3, (2L << 40) + 4, 0);
        assertThat(memory(row, 2, Map.of("epoch", "2", "seq", "4", "fence", "3")))
                .isZero();
        assertThat(memory(row, 3, Map.of("epoch", "3"))).as("a later memory").isZero();
        assertThat(memory(row, 2, Map.of())).as("no memory yet").isZero();
        assertThat(memory(row, 2, Map.of("epoch", "2", "seq", "3", "fence", "3")))
                .as("tickets would be drawn twice")
                .isOne();
        assertThat(memory(row, 2, Map.of("epoch", "2", "seq", "4", "fence", "2")))
                .as("fences would be refused")
                .isOne();
        assertThat(memory(row, 2, Map.of("epoch", "1", "seq", "9", "fence", "9")))
                .as("an older memory")
                .isOne();
        assertThat(memory(row, 1, Map.of("epoch", "2", "seq", "4", "fence", "3")))
                .as("epochs would be given out twice")
                .isOne();
    }

    @Test
    void recordsOfTheLineAreRead() {
        assertThat(LineState.Entry.read("1,22|an id|a drawer|{\"a\":\"|\"}"))
                .isEqualTo(new LineState.Entry("an id", List.of(1L, 22L)));
        assertThat(LineState.Entry.read("junk").products()).isEmpty();
        assertThat(LineState.Entry.read("a,b|c|d|e").products()).isEmpty();
    }

    private static long memory(LedgerStock.Row row, long epochs, Map<String, String> state) {
        Findings findings = new Findings(1);
        LineChecks.memory(List.of(row), epochs, state, findings);
        return findings.report(Instant.EPOCH, 0).violations();
    }

    private LineState line() {
        return new LineState(NOW_MS, Map.of(), orders, tickets, queues, parked, heads, unparked, held, claims, runs);
    }

    private List<String> look() {
        Sightings sightings = new Sightings();
        new LineChecks(line(), products, sightings).look();
        return told(sightings);
    }

    private List<String> unpublished(Set<UUID> published, Set<UUID> decided) {
        Sightings sightings = new Sightings();
        new LineChecks(line(), products, sightings).unpublished(published, decided);
        return told(sightings);
    }

    private static List<String> told(Sightings sightings) {
        Findings findings = new Findings(100);
        sightings.into(findings);
        List<String> told = new ArrayList<>();
        findings.report(Instant.EPOCH, 0).refuted().forEach(check -> check.rows()
                .forEach(row -> told.add(row.what())));
        return told;
    }
}

package dev.turnstile.local.audit;

import dev.turnstile.local.audit.PublishedRecords.Positions;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ServerAddresses;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Judges a Turnstile system, running or quiet, from what its servers hold: the ledger's tables, the keys of the ticket
 * line and of the stock cache, and the topics of orders with their consumer groups' positions. Changes nothing.
 *
 * <p>Final data (the ledger's rows, committed records) is checked at once. Moving data is checked again while
 * it looks wrong, and is a violation only if each check for {@link #withPatience(Duration) the time of the patience},
 * at least two of them, saw the same thing in the same state.
 */
public final class Audit {

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final int ROWS_KEPT = 20;

    private final ServerAddresses servers;
    private final Duration patience;
    private final LongPredicate products;
    private final int rowsKept;

    private Audit(ServerAddresses servers, Duration patience, LongPredicate products, int rowsKept) {
        this.servers = servers;
        this.patience = patience;
        this.products = products;
        this.rowsKept = rowsKept;
    }

    /** An audit of all that these servers hold; the nodes of Redlock are not asked. */
    public static Audit of(ServerAddresses servers) {
        return new Audit(servers, PATIENCE, productId -> true, ROWS_KEPT);
    }

    /** Returns an audit with another time for moving data to settle; 2 s by default. */
    public Audit withPatience(Duration longer) {
        return new Audit(servers, longer, products, rowsKept);
    }

    /**
     * Returns an audit of some products: of everything else it checks only what can't be separated from them, such as
     * records that can't be read.
     */
    public Audit onlyProducts(LongPredicate wanted) {
        return new Audit(servers, patience, wanted, rowsKept);
    }

    /** Returns an audit with another bound on the rows kept per kind of finding; 20 by default. */
    public Audit keepingRows(int most) {
        return new Audit(servers, patience, products, most);
    }

    /**
     * Audits. Blocks for as long as it takes to read the ledger and the topics, and at least for the patience if
     * anything looks wrong.
     *
     * @throws UserError if a server can't be reached or read
     * @throws InterruptedException if interrupted between two looks
     */
    public AuditReport run() throws InterruptedException {
        Instant startedAt = Instant.now();
        long start = System.nanoTime();
        Findings findings = new Findings(rowsKept);
        try (LedgerTables ledger = new LedgerTables(servers, products);
                RedisKeys redis = new RedisKeys(servers, products);
                PublishedRecords records = new PublishedRecords(servers)) {
            memory(ledger, redis, findings);
            installation(ledger, redis, records, findings);
            Positions positions = records.positions();
            SystemSnapshot first = SystemSnapshot.at(ledger, redis, records, products);
            long firstLook = System.nanoTime();
            tellMissing(positions, findings);
            List<AdmissionRejection> turnedAway = redis.admissionRejections();
            first.tell(findings, System.currentTimeMillis());
            new LostOrders(ledger, records, products, first, findings).look(positions);
            ledger(ledger, turnedAway, findings);
            Sightings sightings = first.sightings();
            while (sightings.hasSuspects()) {
                Thread.sleep(BETWEEN_LOOKS.toMillis());
                boolean last = System.nanoTime() - firstLook >= patience.toNanos();
                sightings.confirmBy(
                        SystemSnapshot.at(ledger, redis, records, products).sightings());
                if (last) {
                    break;
                }
            }
            sightings.into(findings);
        }
        return findings.report(
                startedAt, Duration.ofNanos(System.nanoTime() - start).toMillis());
    }

    private static void memory(LedgerTables ledger, RedisKeys redis, Findings findings) {
        Map<Long, LedgerStock.Row> rows = ledger.stockRows();
        long epochs = ledger.lineEpoch();
        Map<String, String> state = redis.state();
        LineChecks.memory(rows.values(), epochs, state, findings);
        if (!state.containsKey("epoch")) {
            findings.noted(Note.NOT_THERE, Finding.of("the line is empty: no ticket has been drawn from this Redis"));
        }
    }

    private static void installation(
            LedgerTables ledger, RedisKeys redis, PublishedRecords records, Findings findings) {
        String ours = ledger.installation();
        if (ours != null) {
            sameInstallation("the line", redis.state().get("installation"), ours, findings);
            sameInstallation("the topics", records.installation(), ours, findings);
        }
    }

    private static void sameInstallation(String part, @Nullable String theirs, String ours, Findings findings) {
        if (theirs != null) {
            findings.checked(Check.ONE_INSTALLATION, 1);
            if (!theirs.equals(ours)) {
                findings.violated(
                        Check.ONE_INSTALLATION,
                        Finding.of("installation " + theirs + " has " + part + ", installation " + ours
                                + " has the ledger"));
            }
        }
    }

    private static void tellMissing(Positions positions, Findings findings) {
        TreeSet<String> missing = new TreeSet<>(PublishedRecords.TOPICS);
        missing.removeAll(positions.topics());
        missing.forEach(topic -> findings.noted(Note.NOT_THERE, Finding.of("there is no topic " + topic)));
    }

    private void ledger(LedgerTables ledger, List<AdmissionRejection> turnedAway, Findings findings) {
        ledger.inSnapshot(() -> {
            LedgerStock stock = ledger.stock();
            findings.checked(Check.ONE_OUTCOME, ledger.countOrders());
            ledger.repeatedOrderIds((orderId, rows) ->
                    findings.violated(Check.ONE_OUTCOME, Finding.ofOrder(orderId, "it has " + rows + " outcomes")));
            ledger.orders(new LedgerChecks(List.of(
                    new KnownOutcomes(findings),
                    new AllOrNone(findings),
                    new StockSums(stock, products, findings),
                    new StockLevels(stock, products, findings),
                    new TicketOrder(stock, products, findings),
                    new AdmissionRejections(turnedAway, stock, findings),
                    new Fences(products, findings),
                    new StockMarks(stock, findings))));
        });
    }

    /** Several checks as one. */
    private record LedgerChecks(List<LedgerCheck> checks) implements LedgerCheck {
        @Override
        public void look(LedgerOrder order) {
            checks.forEach(check -> check.look(order));
        }

        @Override
        public void end() {
            checks.forEach(LedgerCheck::end);
        }
    }
}

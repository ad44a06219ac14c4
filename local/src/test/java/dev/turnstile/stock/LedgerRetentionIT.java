package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.audit.Audit;
import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.audit.Check;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Retention on a real database, in a ledger of its own: of the shared one, audits of others must lose nothing. */
class LedgerRetentionIT {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Instant DAY_1 = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant DAY_2 = DAY_1.plus(Duration.ofDays(1));
    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(6_000_000);

    private final String schema = "retention_" + UUID.randomUUID().toString().replace("-", "");
    private volatile Instant now = DAY_1;
    private final AtomicLong fences = new AtomicLong();
    private final AtomicLong tickets = new AtomicLong();
    private ServerAddresses servers;
    private JdbcTemplate jdbc;
    private JdbcLedger ledger;
    private LedgerRetention retention;
    private long a;
    private long b;

    @BeforeEach
    void makeLedger() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "may make schemas");
        ServerAddresses shared = SharedStack.get().addresses();
        new JdbcTemplate(dataSource(shared)).execute("CREATE DATABASE " + schema);
        servers = new ServerAddresses(
                shared.kafka(),
                shared.jdbcUrl().replaceFirst("/[a-z]+\\?", "/" + schema + "?"),
                shared.jdbcUser(),
                shared.jdbcPassword(),
                shared.lineRedis(),
                shared.redlockNodes());
        DriverManagerDataSource dataSource = dataSource(servers);
        Flyway.configure().dataSource(dataSource).load().migrate();
        jdbc = new JdbcTemplate(dataSource);
        DataSourceTransactionManager transactions = new DataSourceTransactionManager(dataSource);
        InstantSource clock = () -> now;
        ledger = new JdbcLedger(dataSource, transactions, clock.withZone(ZoneOffset.UTC));
        retention = new LedgerRetention(dataSource, transactions);
        a = NEXT_PRODUCT.incrementAndGet();
        b = NEXT_PRODUCT.incrementAndGet();
    }

    private static DriverManagerDataSource dataSource(ServerAddresses servers) {
        return new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
    }

    @AfterEach
    void dropLedger() {
        if (jdbc != null) {
            jdbc.execute("DROP DATABASE " + schema);
        }
    }

    @Test
    void whatOldOrdersGotStaysInTheBooks() throws InterruptedException {
        ledger.setStock(a, 700);
        ledger.setStock(b, 5000);
        long late = tickets.incrementAndGet();
        decideOfBoth(600);
        ledger.setStock(a, 500);
        decideOfBoth(600);
        ledger.refuse(List.of(entry(Mode.DISTRIBUTED, null, a, 1)), new Outcome.Cancelled());
        now = DAY_2;
        decide(entry(Mode.FAIR, late, a, 1));
        decideOfBoth(10);
        List<Long> before = List.of(stored(a), stored(b));
        assertHolds();

        assertThat(deleteAll(DAY_2)).containsExactly(500, 500, 201);

        assertThat(count("orders")).isEqualTo(11);
        assertThat(List.of(stored(a), stored(b))).isEqualTo(before);
        assertThat(count("stock_changes WHERE retired = 1")).isEqualTo(2);
        assertHolds();
        assertThat(report().of(Check.OVERTAKEN_FLAGS).checked()).isOne();
        decideOfBoth(10);
        assertHolds();
        now = DAY_2.plusSeconds(1);
        assertThat(deleteAll(DAY_2.plusSeconds(1))).containsExactly(21);
        assertThat(count("stock_changes WHERE retired = 1")).isEqualTo(2);
        assertHolds();
        decideOfBoth(10);
        assertHolds();
    }

    @Test
    void nothingBehindAYoungerOrderIsDeleted() {
        ledger.setStock(a, 9);
        decide(entry(Mode.DISTRIBUTED, null, a, 1));
        now = DAY_2;
        decide(entry(Mode.DISTRIBUTED, null, a, 1));
        now = DAY_1; // should the database's clock go back
        decide(entry(Mode.DISTRIBUTED, null, a, 1));
        recordWhenDecided();
        assertThat(retention.hasRecordedBefore(DAY_1)).isFalse();
        assertThat(retention.hasRecordedBefore(DAY_2)).isTrue();
        assertThat(deleteAll(DAY_2)).containsExactly(1);
        assertThat(retention.hasRecordedBefore(DAY_2)).isFalse();
        assertThat(deleteAll(DAY_2.plusMillis(1))).containsExactly(2);
        assertThat(count("orders")).isZero();
        assertThat(jdbc.queryForObject("SELECT decided_to FROM retention", LocalDateTime.class))
                .isEqualTo(LocalDateTime.ofInstant(DAY_2, ZoneOffset.UTC));
    }

    @Test
    void whatNobodyKnowsLeavesNothing() throws InterruptedException {
        ledger.setStock(a, 9);
        decide(entry(Mode.DISTRIBUTED, null, a, 1, 999_999_999L, 1));
        ledger.setAside(UUID.randomUUID(), Mode.FAIR, null, new Outcome.Invalid("not readable"));
        assertThat(deleteAll(DAY_2)).containsExactly(2);
        assertThat(jdbc.queryForList("SELECT product_id FROM stock_changes WHERE retired = 1", Long.class))
                .containsExactly(a);
        assertHolds();
    }

    @Test
    void severalAtATimeWhileOrdersAreDecidedBookEachOrderOnce() throws InterruptedException {
        ledger.setStock(a, 100_000);
        ledger.setStock(b, 100_000);
        decideOfBoth(600);
        decideOfBoth(600);
        Instant later = retention.now().plusSeconds(60);
        List<CompletableFuture<Void>> work = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            work.add(CompletableFuture.runAsync(
                    () -> {
                        for (int round = 0; round < 20; round++) {
                            retention.deleteRecordedBefore(later);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (int i = 0; i < 20; i++) {
            decideOfBoth(20);
        }
        work.forEach(CompletableFuture::join);
        assertThat(deleteAll(DAY_2)).hasSizeLessThanOrEqualTo(4);
        assertThat(count("orders")).isZero();
        assertThat(jdbc.queryForObject("SELECT orders FROM retention", Long.class))
                .isEqualTo(1600);
        assertThat(stored(a)).isEqualTo(100_000 - 1600);
        assertHolds();
    }

    @Test
    void noClockOfAWorkerTellsWhatIsOld() {
        ledger.setStock(a, 9);
        now = DAY_1.minus(Duration.ofDays(9_000)); // one without a battery
        decide(entry(Mode.DISTRIBUTED, null, a, 1));
        now = Instant.now().plus(Duration.ofDays(90));
        decide(entry(Mode.DISTRIBUTED, null, a, 1));
        Instant today = retention.now();
        assertThat(Duration.between(Instant.now(), today).abs()).isLessThan(Duration.ofMinutes(1));
        assertThat(retention.hasRecordedBefore(today.minusSeconds(60))).isFalse();
        assertThat(retention.deleteRecordedBefore(today.minusSeconds(60))).isZero();
        assertThat(retention.deleteRecordedBefore(today.plusSeconds(60))).isEqualTo(2);
    }

    @Test
    void whatATopicHoldsStaysHoweverOldItIs() {
        Instant begin = retention.now();
        Map<String, Long> whole = Map.of();
        ledger.setAside(UUID.randomUUID(), Mode.FAIR, null, new Outcome.Invalid("the first"));
        jdbc.update("UPDATE orders SET recorded_at = recorded_at - INTERVAL 1 DAY");
        assertThat(retention.lastNoteOfEnds()).isEmpty();
        assertThat(retention.goneFromTopics(fair(0, 0))).isEmpty();
        retention.noteEnds(begin, fair(10, 7), fair(0, 0));
        retention.noteEnds(begin.plusSeconds(3600), fair(20, 7), fair(0, 0));
        retention.noteEnds(begin.plusSeconds(7200), fair(30, 8), fair(0, 0));
        assertThat(retention.lastNoteOfEnds()).contains(begin.plusSeconds(7200));

        assertThat(retention.goneFromTopics(fair(9, 7)))
                .as("one record is there")
                .isEmpty();
        assertThat(retention.goneFromTopics(Map.of("orders.fair-0", 25L, "orders.fair-1", 7L, "orders.fair-2", 0L)))
                .as("a partition is new")
                .contains(begin.plusSeconds(3600));
        assertThat(retention.goneFromTopics(fair(0, 0)))
                .as("recreated: its contents are unknown")
                .isEmpty();
        assertThat(retention.goneFromTopics(whole)).as("nothing is left").contains(begin.plusSeconds(7200));
    }

    @Test
    void notesThatNobodyCanNeedAreDeleted() {
        Instant begin = retention.now();
        for (int hour = 0; hour < 5; hour++) {
            retention.noteEnds(begin.plusSeconds(3600L * hour), fair(hour, 0), fair(0, 0));
        }
        assertThat(count("topic_ends")).as("no order is in the ledger").isOne();

        ledger.setAside(UUID.randomUUID(), Mode.FAIR, null, new Outcome.Invalid("the first"));
        jdbc.update("UPDATE orders SET recorded_at = recorded_at - INTERVAL 1 DAY");
        for (int hour = 5; hour < 10; hour++) {
            retention.noteEnds(begin.plusSeconds(3600L * hour), fair(hour, 0), fair(0, 0));
        }
        assertThat(count("topic_ends")).as("each hour something came").isEqualTo(6);
        for (int hour = 10; hour < 15; hour++) {
            retention.noteEnds(begin.plusSeconds(3600L * hour), fair(9, 0), fair(0, 0));
        }
        assertThat(count("topic_ends")).as("nothing came since").isEqualTo(6);
        assertThat(retention.goneFromTopics(fair(9, 0))).contains(begin.plusSeconds(3600L * 14));

        retention.noteEnds(begin.plusSeconds(3600L * 15), fair(10, 0), fair(7, 0));
        assertThat(retention.goneFromTopics(fair(7, 0))).contains(begin.plusSeconds(3600L * 7));
        assertThat(count("topic_ends")).as("hours 7, 8, 14 and 15").isEqualTo(4);

        jdbc.update("UPDATE orders SET recorded_at = FROM_UNIXTIME(?)", begin.getEpochSecond() + 3600L * 10);
        retention.noteEnds(begin.plusSeconds(3600L * 16), fair(11, 0), fair(0, 0));
        assertThat(count("topic_ends"))
                .as("hours 14, 15 and 16: before, there is no order")
                .isEqualTo(3);
    }

    private static Map<String, Long> fair(long first, long second) {
        return Map.of("orders.fair-0", first, "orders.fair-1", second);
    }

    @Test
    void oneLossCostsOneEpochAndAnEpochThatTheDatabaseForgotIsNotGivenAgain() {
        DriverManagerDataSource dataSource = dataSource(servers);
        EpochLedger epochs = new EpochLedger(dataSource, new DataSourceTransactionManager(dataSource));
        assertThat(epochs.next(EpochLedger.REDLOCK)).isEqualTo(1);
        assertThat(epochs.next(EpochLedger.LINE, "memory-1:mark", 0)).isEqualTo(1);
        assertThat(epochs.next(EpochLedger.LINE, "memory-1:mark", 0)).isEqualTo(1);
        assertThat(epochs.next(EpochLedger.LINE, "memory-2:mark", 1)).isEqualTo(2);

        jdbc.update("UPDATE epochs SET epoch = 1, mark = NULL"); // an older copy of it
        assertThat(epochs.next(EpochLedger.LINE, "memory-3:mark", 2))
                .as("the line knows")
                .isEqualTo(3);
        ledger.setStock(a, 1);
        jdbc.update(
                "UPDATE stock SET line_fence = ?, lock_fence = ? WHERE product_id = ?", (7L << 40) + 5, 9L << 40, a);
        assertThat(epochs.next(EpochLedger.LINE, "memory-4:mark", 3))
                .as("the rows know")
                .isEqualTo(8);
        assertThat(epochs.next(EpochLedger.REDLOCK)).isEqualTo(10);

        jdbc.update("DELETE FROM epochs"); // a copy from before there were any
        assertThat(epochs.next(EpochLedger.LINE, "memory-5:mark", 8)).isEqualTo(9);
        assertThat(epochs.next(EpochLedger.REDLOCK)).isEqualTo(10);
        jdbc.update("DELETE FROM epochs");
        epochs.inUse(EpochLedger.LINE, 9); // while the line lives
        assertThat(epochs.next(EpochLedger.LINE, "memory-6:mark", 0)).isEqualTo(10);
        epochs.inUse(EpochLedger.LINE, 9);
        assertThat(epochs.next(EpochLedger.LINE, "memory-6:mark", 0))
                .as("the same loss")
                .isEqualTo(10);
        assertThatThrownBy(() -> epochs.inUse("other", 1)).isInstanceOf(IllegalArgumentException.class);

        epochs.inUse(EpochLedger.REDLOCK, 1);
        jdbc.update("UPDATE epochs SET epoch = 8191 WHERE scope = 'redlock'");
        assertThatThrownBy(() -> epochs.next(EpochLedger.REDLOCK)).hasMessageContaining("epochs of redlock");
        assertThatThrownBy(() -> epochs.next("other")).isInstanceOf(IllegalArgumentException.class);
    }

    private List<Integer> deleteAll(Instant limit) {
        recordWhenDecided();
        List<Integer> deleted = new ArrayList<>();
        int last = retention.deleteRecordedBefore(limit);
        while (last > 0) {
            deleted.add(last);
            last = retention.deleteRecordedBefore(limit);
        }
        return deleted;
    }

    /** As if the clock of the database had shown the same as that of the test. */
    private void recordWhenDecided() {
        jdbc.update("UPDATE orders SET recorded_at = FROM_UNIXTIME(TIMESTAMPDIFF(SECOND, '1970-01-01', decided_at))");
    }

    /** What the audit says of the ledger; topics and line belong to others. */
    private void assertHolds() throws InterruptedException {
        assertThat(booked(a) - sold(a)).isEqualTo(stored(a));
        AuditReport report = report();
        for (Check check : List.of(
                Check.STOCK_SUMS,
                Check.ONE_OUTCOME,
                Check.KNOWN_OUTCOMES,
                Check.ALL_OR_NONE,
                Check.STOCK_LEVELS,
                Check.TICKET_ORDER,
                Check.OVERTAKEN_FLAGS,
                Check.FAIR_REFUSALS,
                Check.FENCES,
                Check.STOCK_MARKS)) {
            assertThat(report.of(check).rows()).as(check.title()).isEmpty();
        }
    }

    private AuditReport report() throws InterruptedException {
        return Audit.of(servers)
                .onlyProducts(product -> product == a || product == b)
                .withPatience(Duration.ZERO)
                .run();
    }

    /** Fair orders for one piece of both, as one run. */
    private void decideOfBoth(int count) {
        Run.Entry[] entries = new Run.Entry[count];
        for (int i = 0; i < count; i++) {
            entries[i] = entry(Mode.FAIR, tickets.incrementAndGet(), a, 1, b, 1);
        }
        decide(entries);
    }

    private void decide(Run.Entry... entries) {
        Run.Guard guard = entries[0].ticket() == null ? Run.Guard.LOCK : Run.Guard.LINE;
        try (Ledger.Session session = ledger.open(LEASE)) {
            session.decide(new Run(guard, fences.incrementAndGet(), List.of(entries)));
        }
    }

    private Run.Entry entry(Mode mode, @Nullable Long ticket, long... productsAndQuantities) {
        List<OrderLine> lines = new ArrayList<>();
        for (int i = 0; i < productsAndQuantities.length; i += 2) {
            lines.add(new OrderLine(productsAndQuantities[i], (int) productsAndQuantities[i + 1]));
        }
        return new Run.Entry(new Order(UUID.randomUUID(), mode, lines, now, null, null), ticket);
    }

    private long stored(long productId) {
        return ledger.stock(productId).orElseThrow().quantity();
    }

    private long booked(long productId) {
        return number("SELECT COALESCE(SUM(difference), 0) FROM stock_changes WHERE product_id = " + productId);
    }

    private long sold(long productId) {
        return number(
                "SELECT COUNT(*) FROM orders WHERE status = 'FULFILLED' AND order_lines LIKE '%[" + productId + ",%'");
    }

    private long count(String rows) {
        return number("SELECT COUNT(*) FROM " + rows);
    }

    private long number(String sql) {
        Long number = jdbc.queryForObject(sql, Long.class);
        return number == null ? 0 : number;
    }
}

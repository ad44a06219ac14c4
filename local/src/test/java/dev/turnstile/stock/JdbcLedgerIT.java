package dev.turnstile.stock;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.zaxxer.hikari.HikariDataSource;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import dev.turnstile.proof.Proofs;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The ledger on a real database. Each test has products of its own. */
class JdbcLedgerIT {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(1_000_000);

    private static DriverManagerDataSource dataSource;
    private static JdbcTemplate jdbc;
    private static JdbcLedger ledger;

    private long a;
    private long b;

    @BeforeAll
    static void connect() {
        ServerAddresses servers = SharedStack.get().addresses();
        dataSource = new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        Flyway.configure().dataSource(dataSource).load().migrate();
        jdbc = new JdbcTemplate(dataSource);
        ledger = new JdbcLedger(dataSource, new DataSourceTransactionManager(dataSource), Clock.systemUTC());
    }

    @BeforeEach
    void stock() {
        a = NEXT_PRODUCT.incrementAndGet();
        b = NEXT_PRODUCT.incrementAndGet();
        ledger.setStock(a, 2);
        ledger.setStock(b, 5);
    }

    @Test
    void processesThatStartAtTheSameTimeAgreeOnTheInstallation() {
        Installation before = Installation.of(dataSource);
        jdbc.update("DELETE FROM installation");
        List<CompletableFuture<Installation>> starts = IntStream.range(0, 8)
                .mapToObj(process -> CompletableFuture.supplyAsync(() -> Installation.of(dataSource)))
                .toList();
        try {
            assertThat(starts.stream()
                            .map(CompletableFuture::join)
                            .map(one -> one.id() + " " + Arrays.toString(one.secret()))
                            .distinct())
                    .hasSize(1);
            assertThat(Installation.of(dataSource))
                    .hasToString("installation " + starts.get(0).join().id());
        } finally {
            jdbc.update(
                    "UPDATE installation SET id = ?, secret = ?", before.id().toString(), before.secret());
        }
    }

    @Test
    void aRunIsDecidedInItsOrderAllLinesOrNone() {
        Order one = order(a, 1, b, 1);
        Order tooMany = order(a, 2, b, 1);
        Order two = order(a, 1);
        Order unknown = order(a, 1, 9_999_999_999L, 1);

        DecidedRun decided = decide(10, entry(one, 1), entry(tooMany, 2), entry(two, 3), entry(unknown, 4));

        assertThat(outcomes(decided))
                .containsExactly(
                        new Outcome.Fulfilled(List.of(new StockLevel(a, 1), new StockLevel(b, 4))),
                        new Outcome.OutOfStock(List.of(new Shortage(a, 2, 1))),
                        new Outcome.Fulfilled(List.of(new StockLevel(a, 0))),
                        new Outcome.UnknownProduct(List.of(9_999_999_999L)));
        assertThat(ledger.stock(a)).contains(new Stock(a, 0, 2));
        assertThat(decided.stocks()).containsExactly(new Stock(a, 0, 2), new Stock(b, 4, 2));
        for (Decision decision : decided.decisions()) {
            assertThat(ledger.find(decision.orderId())).hasValueSatisfying(stored -> assertThat(stored)
                    .usingRecursiveComparison()
                    .ignoringFields("decidedAt")
                    .isEqualTo(decision));
        }
        assertThat(column("commit_seq", one, tooMany, two, unknown)).isSorted();
        assertThat(column("line_fence", "stock WHERE product_id = " + a)).containsExactly(10L);
        assertThat(column("line_ticket", "stock WHERE product_id = " + a)).containsExactly(4L);
    }

    @Test
    void anOrderDecidedBeforeKeepsItsOutcomeHoweverOftenItComes() {
        Order order = order(a, 2);
        DecidedRun first = decide(10, entry(order, 1));
        DecidedRun again = decide(11, entry(order, 1), entry(order(a, 1), 2));
        assertThat(outcomes(again).get(0)).isEqualTo(outcomes(first).get(0));
        assertThat(outcomes(again).get(1)).isInstanceOf(Outcome.OutOfStock.class);
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(0);

        assertThat(first.before()).isEmpty();
        assertThat(again.before()).containsExactly(order.id());
        DecidedRun nothingNew = decide(12, entry(order, 1));
        assertThat(nothingNew.stocks()).containsExactly(new Stock(a, 0, 2));
    }

    @Test
    void tellsWhatRecordedOrdersWanted() {
        Order order = order(a, 2, b, 1);
        DecidedRun decided = decide(10, entry(order, 1));
        UUID unread = UUID.randomUUID();
        ledger.setAside(unread, Mode.FAIR, null, new Outcome.Invalid("unreadable"));
        Map<UUID, RecordedOrder> recorded = ledger.recorded(List.of(order.id(), unread, UUID.randomUUID()));
        assertThat(requireNonNull(recorded.get(order.id())).lines()).isEqualTo(order.lines());
        assertThat(requireNonNull(recorded.get(order.id())).decision().outcome())
                .isEqualTo(outcomes(decided).get(0));
        assertThat(requireNonNull(recorded.get(unread)).lines()).isEmpty();
        assertThat(ledger.recorded(List.of())).isEmpty();
    }

    @Test
    void theTailTellsTheLatestDecisionsByTheirCommits() {
        RecentDecisions tail = new RecentDecisions(dataSource);
        long before = tail.last();
        decide(10, entry(order(a, 1, b, 2), 1), entry(order(a, 5), 2));
        List<RecentDecisions.Entry> entries = tail.after(before, 10);
        assertThat(entries)
                .extracting(RecentDecisions.Entry::status, RecentDecisions.Entry::ticket)
                .containsExactly(tuple(Outcome.FULFILLED, 1L), tuple(Outcome.OUT_OF_STOCK, 2L));
        assertThat(entries.get(0).lines()).containsExactly(new OrderLine(a, 1), new OrderLine(b, 2));
        assertThat(entries.get(0).overtaken()).isFalse();
        assertThat(tail.last()).isEqualTo(entries.get(1).commitSeq());
        assertThat(tail.after(before, 1)).containsExactly(entries.get(0));
    }

    @Test
    void theSameOrderTwiceInOneRunIsAppliedOnce() {
        Order order = order(a, 1);
        DecidedRun decided = decide(10, entry(order, 1), entry(order, 1));
        assertThat(outcomes(decided).get(0)).isEqualTo(outcomes(decided).get(1));
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(1);
    }

    @Test
    void aFenceThatIsNotGreaterIsRefusedAndChangesNothing() {
        decide(10, entry(order(a, 1), 1));
        Order stale = order(a, 1, b, 1);
        assertThatThrownBy(() -> decide(10, entry(stale, 2))).isInstanceOf(StaleFenceException.class);
        assertThatThrownBy(() -> decide(9, entry(stale, 2))).isInstanceOf(StaleFenceException.class);
        assertThat(ledger.find(stale.id())).isEmpty();
        assertThat(ledger.stock(b)).contains(new Stock(b, 5, 1));
    }

    @Test
    void refusalsRaiseTheFenceToo() {
        decide(10, entry(order(a, 9), 1));
        assertThatThrownBy(() -> decide(10, entry(order(a, 1), 2))).isInstanceOf(StaleFenceException.class);
    }

    @Test
    void lineAndLockHaveFencesOfTheirOwn() {
        decide(10, entry(order(a, 1), 1));
        Order distributed = order(a, 1);
        try (Ledger.Session session = ledger.open(LEASE)) {
            session.decide(new Run(Run.Guard.LOCK, 3, List.of(new Run.Entry(distributed, null))));
            assertThatThrownBy(
                            () -> session.decide(new Run(Run.Guard.LOCK, 3, List.of(new Run.Entry(order(a, 1), null)))))
                    .isInstanceOf(StaleFenceException.class);
        }
        assertThat(ledger.find(distributed.id()))
                .hasValueSatisfying(decision -> assertThat(decision.ticket()).isNull());
        assertThat(column("line_fence", "stock WHERE product_id = " + a)).containsExactly(10L);
    }

    @Test
    void aRunUnderSeveralLocksIsFencedProductByProduct() {
        Run both = lockRun(Map.of(a, 20L, b, 7L), order(a, 1), order(b, 1));
        try (Ledger.Session session = ledger.open(LEASE)) {
            assertThat(outcomes(session.decide(both))).allMatch(Outcome.Fulfilled.class::isInstance);
            assertThat(column("lock_fence", "stock WHERE product_id IN (" + a + "," + b + ") ORDER BY product_id"))
                    .containsExactly(20L, 7L);
            assertThat(column(
                            "fence",
                            both.entries().get(0).order(),
                            both.entries().get(1).order()))
                    .containsExactly(20L, 7L);

            Order stale = order(b, 1);
            assertThatThrownBy(() -> session.decide(lockRun(Map.of(a, 21L, b, 7L), order(a, 1), stale)))
                    .isInstanceOfSatisfying(StaleFenceException.class, e -> {
                        assertThat(e.productId()).isEqualTo(b);
                        assertThat(e.last()).isEqualTo(7);
                    });
            assertThat(ledger.find(stale.id())).isEmpty();
            assertThat(ledger.stock(a)).map(Stock::quantity).contains(1);
        }
    }

    @Test
    void aRunWhoseLeaseIsLostBeforeTheCommitChangesNothing() {
        Order order = order(a, 1);
        try (Ledger.Session session = ledger.open(LEASE)) {
            assertThatThrownBy(() -> session.decide(lockRun(Map.of(a, 1L), order), () -> false))
                    .isInstanceOf(LeaseLostException.class);
            assertThat(ledger.find(order.id())).isEmpty();
            assertThat(ledger.stock(a)).contains(new Stock(a, 2, 1));
            session.decide(lockRun(Map.of(a, 1L), order));
        }
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(1);
    }

    private static Run lockRun(Map<Long, Long> fences, Order... orders) {
        return new Run(
                Run.Guard.LOCK,
                fences,
                Arrays.stream(orders).map(order -> new Run.Entry(order, null)).toList());
    }

    @Test
    void aTicketBelowOneThatWasDecidedIsMarkedOvertaken() {
        Order late = order(a, 1);
        decide(10, entry(order(a, 1), 7));
        decide(11, entry(late, 5), entry(order(b, 1), 6));
        assertThat(column("overtaken", late)).containsExactly(1L);
        assertThat(column("line_ticket", "stock WHERE product_id = " + a)).containsExactly(7L);
    }

    @Test
    void aTicketDrawnAnewForAnOrderThatIsDecidedOvertakesNobody() {
        Order decided = order(a, 1);
        decide(10, entry(decided, 1));
        Order next = order(a, 1);
        decide(11, entry(order(a, 1), 2), entry(decided, 5));
        assertThat(column("line_ticket", "stock WHERE product_id = " + a)).containsExactly(2L);
        decide(12, entry(next, 4));
        assertThat(column("overtaken", next)).containsExactly(0L);
    }

    @Test
    void anOutcomeWithoutStockStandsAgainstALaterRunAndTheOtherWayRound() {
        Order refused = order(a, 1);
        Order decided = order(b, 1);
        decide(10, entry(decided, 2));
        Outcome unavailable = new Outcome.Unavailable("the lock was not acquired in time");

        List<Decision> standing = ledger.refuse(List.of(entry(refused, 1), entry(decided, 2)), unavailable);

        assertThat(standing.get(0).outcome()).isEqualTo(unavailable);
        assertThat(standing.get(1).outcome()).isInstanceOf(Outcome.Fulfilled.class);
        assertThat(outcomes(decide(11, entry(refused, 1)))).containsExactly(unavailable);
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(2);

        UUID unreadable = UUID.randomUUID();
        Outcome.Invalid invalid = new Outcome.Invalid("no JSON: 'x', \"y\", \\z, ü, 😀, \n");
        assertThat(ledger.setAside(unreadable, Mode.FAIR, 8L, invalid).outcome())
                .isEqualTo(invalid);
        assertThat(ledger.find(unreadable)).map(Decision::ticket).contains(8L);
    }

    /** All have waited for rows that are not there any more, and each then for the room that the others keep. */
    @Test
    void whoLeavesWhileTheirRunIsRolledBackAreDecidedThoughTheDatabaseFindsADeadlock() throws SQLException {
        UUID first = UUID.randomUUID();
        List<Order> orders = IntStream.range(0, 4)
                .mapToObj(i -> new UUID(first.getMostSignificantBits(), first.getLeastSignificantBits() + i))
                .map(id -> order(id, a, 1))
                .toList();
        List<CompletableFuture<List<Decision>>> leaving;
        try (Connection run = dataSource.getConnection()) {
            run.setAutoCommit(false);
            Instant now = Instant.now();
            OrderRow.insertAll(
                    run,
                    orders.stream()
                            .map(order -> OrderRow.unfenced(order, new Outcome.Fulfilled(List.of()), 1L, now))
                            .toList(),
                    "");
            leaving = orders.stream()
                    .map(order -> CompletableFuture.supplyAsync(
                            () -> ledger.refuse(List.of(entry(order, 1)), new Outcome.Cancelled())))
                    .toList();
            await().atMost(Duration.ofSeconds(10))
                    .until(
                            () -> column("COUNT(*)", "information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"),
                            List.of((long) orders.size())::equals);
            run.rollback();
        }
        assertThat(leaving).allSatisfy(decided -> assertThat(decided.get(10, TimeUnit.SECONDS))
                .extracting(Decision::outcome)
                .containsExactly(new Outcome.Cancelled()));
    }

    @Test
    void stockIsBookedAsDifferencesSoThatTheSumsHold() {
        ledger.setStock(a, 10);
        decide(10, entry(order(a, 4), 1));
        ledger.setStock(a, 3);
        assertThat(jdbc.queryForObject("SELECT SUM(difference) FROM stock_changes WHERE product_id = ?", Long.class, a))
                .as("3 left + 4 sold")
                .isEqualTo(7L);
        assertThatThrownBy(() -> ledger.setStock(a, -1)).hasMessageContaining("quantity");
        assertThat(ledger.stock(-5)).isEmpty();
    }

    @Test
    void runsOfManyWorkersOverTheSameProductsSellEachPieceOnce(TestReporter reporter) {
        int workerCount = 6;
        int ordersEach = Proofs.times(15, 500);
        int stock = workerCount * ordersEach * 2 / 3;
        Proofs.show(
                reporter,
                "workers that contend in MySQL alone sell each piece once, without deadlock",
                workerCount + " × " + ordersEach + " orders of two products for " + stock + " pieces");
        ledger.setStock(a, stock);
        ledger.setStock(b, stock);
        AtomicLong fences = new AtomicLong();
        List<CompletableFuture<Integer>> workers = new ArrayList<>();
        for (int worker = 0; worker < workerCount; worker++) {
            boolean aFirst = worker % 2 == 0;
            workers.add(CompletableFuture.supplyAsync(() -> {
                int sold = 0;
                for (int i = 0; i < ordersEach; i++) {
                    Order order = aFirst ? order(a, 1, b, 1) : order(b, 1, a, 1);
                    while (ledger.find(order.id()).isEmpty()) {
                        try {
                            decide(fences.incrementAndGet(), entry(order, i + 1));
                        } catch (StaleFenceException e) {
                            // a later holder was quicker: under a new claim it is tried again
                        }
                    }
                    sold += ledger.find(order.id()).orElseThrow().outcome() instanceof Outcome.Fulfilled ? 1 : 0;
                }
                return sold;
            }));
        }
        assertThat(workers.stream().mapToInt(CompletableFuture::join).sum()).isEqualTo(stock);
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(0);
        assertThat(ledger.stock(b)).map(Stock::quantity).contains(0);
    }

    @Test
    void aHolderThatStandsStillLosesItsRowsBeforeTheNextOnesPatienceEnds() {
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        Ledger stopping = new JdbcLedger(
                stoppingBeforeCommit(stopped, goOn), new DataSourceTransactionManager(dataSource), Clock.systemUTC());
        CompletableFuture<DecidedRun> late =
                CompletableFuture.supplyAsync(() -> decide(stopping, 10, entry(order(a, 1), 1)));
        stopped.join();
        long start = System.nanoTime();

        DecidedRun decided = decide(11, entry(order(a, 2), 2));

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LEASE);
        assertThat(outcomes(decided)).containsExactly(new Outcome.Fulfilled(List.of(new StockLevel(a, 0))));
        goOn.complete(null);
        assertThatThrownBy(late::join).hasCauseInstanceOf(DataAccessException.class);
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(0);
    }

    private static DataSource stoppingBeforeCommit(CompletableFuture<Void> stopped, CompletableFuture<Void> goOn) {
        return new DelegatingDataSource(dataSource) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                return (Connection) Proxy.newProxyInstance(
                        JdbcLedgerIT.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("commit")) {
                                stopped.complete(null);
                                goOn.get(1, TimeUnit.MINUTES);
                            }
                            try {
                                return method.invoke(connection, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
            }
        };
    }

    /** An order refuses values that do not fit by itself; so the table gets a rule that no order knows of. */
    @Test
    void anOrderWhoseValuesDoNotFitIsRefusedByItsIdAlone() {
        Order unfit = new Order(
                UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(a, 1)), Instant.now(), null, "does-not-fit");
        Order fits = order(b, 1);
        UUID unread = UUID.randomUUID();
        Outcome unavailable = new Outcome.Unavailable("the lock was not acquired in time");
        jdbc.execute("ALTER TABLE orders ADD CONSTRAINT runs_fit CHECK (replay_run <> 'does-not-fit')");
        try {
            assertThatThrownBy(() -> decide(10, entry(unfit, 1)))
                    .satisfies(e -> assertThat(LedgerFailure.of(e)).isEqualTo(LedgerFailure.ORDER));

            List<Decision> refused = ledger.refuse(List.of(entry(unfit, 3), entry(fits, 4)), unavailable);
            Decision setAside = ledger.setAside(unread, Mode.FAIR, 5L, new Outcome.Invalid("it does not fit"));

            assertThat(refused).extracting(Decision::outcome).containsExactly(unavailable, unavailable);
            assertThat(refused).extracting(Decision::ticket).containsExactly(3L, 4L);
            assertThat(setAside.outcome()).isInstanceOf(Outcome.Invalid.class);
            Map<UUID, RecordedOrder> recorded = ledger.recorded(List.of(unfit.id(), fits.id(), unread));
            assertThat(requireNonNull(recorded.get(unfit.id())).lines()).isEmpty();
            assertThat(requireNonNull(recorded.get(fits.id())).lines()).isEqualTo(fits.lines());
            assertThat(requireNonNull(recorded.get(unread)).lines()).isEmpty();
        } finally {
            jdbc.execute("ALTER TABLE orders DROP CONSTRAINT runs_fit");
        }
    }

    /** Some 4 MB of rows, and 3,000 products whose updates the driver puts into one message. */
    @Test
    void aLongRunFitsIntoThePacketsOfTheServer() {
        List<Run.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 900; i++) {
            long[] lines = new long[100];
            for (int j = 0; j < 50; j++) {
                lines[2 * j] = 9_007_199_254_000_000L + (i * 50L + j) % 3000;
                lines[2 * j + 1] = 1;
            }
            entries.add(entry(order(lines), i + 1));
        }
        List<Object[]> stock = IntStream.range(0, 3000)
                .mapToObj(i -> new Object[] {9_007_199_254_000_000L + i})
                .toList();
        jdbc.batchUpdate("INSERT INTO stock (product_id, quantity) VALUES (?, 100)", stock);
        Long normal = jdbc.queryForObject("SELECT @@GLOBAL.max_allowed_packet", Long.class);
        jdbc.execute("SET GLOBAL max_allowed_packet = 262144");
        try {
            Ledger small = new JdbcLedger(
                    new DriverManagerDataSource(
                            dataSource.getUrl() + "&rewriteBatchedStatements=true",
                            requireNonNull(dataSource.getUsername()),
                            requireNonNull(dataSource.getPassword())),
                    new DataSourceTransactionManager(dataSource),
                    Clock.systemUTC());
            DecidedRun decided = decide(small, 10, entries.toArray(Run.Entry[]::new));
            assertThat(outcomes(decided)).allMatch(Outcome.Fulfilled.class::isInstance);
        } finally {
            jdbc.execute("SET GLOBAL max_allowed_packet = " + normal);
            jdbc.update("DELETE FROM stock WHERE product_id BETWEEN 9007199254000000 AND 9007199254003000");
            jdbc.update("DELETE FROM orders WHERE order_lines LIKE '%9007199254000%'");
        }
    }

    @Test
    void aTableThatIsAwayForAWhileCostsNoOrder() {
        survives("RENAME TABLE orders TO orders_away", "RENAME TABLE orders_away TO orders");
    }

    @Test
    void aColumnThatIsAwayForAWhileCostsNoOrder() {
        survives(
                "ALTER TABLE stock RENAME COLUMN lock_fence TO lock_fence_away",
                "ALTER TABLE stock RENAME COLUMN lock_fence_away TO lock_fence");
    }

    /** MySQL spares no account this, MariaDB spares those with rights of an administrator; both have the first. */
    @Test
    void aServerThatIsReadOnlyForAWhileCostsNoOrder() {
        boolean mariaDb = requireNonNull(jdbc.queryForObject("SELECT VERSION()", String.class))
                .contains("MariaDB");
        assumeFalse(mariaDb, "no administrator is refused there");
        survives("SET GLOBAL super_read_only = ON", "SET GLOBAL read_only = OFF");
    }

    private void survives(String fault, String end) {
        Run run = new Run(Run.Guard.LINE, 10, List.of(entry(order(a, 1), 1)));
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(dataSource.getUrl());
            pool.setUsername(dataSource.getUsername());
            pool.setPassword(dataSource.getPassword());
            pool.setMaximumPoolSize(1);
            pool.setExceptionOverrideClassName(SwitchedServer.class.getName());
            JdbcLedger pooled = new JdbcLedger(pool, new DataSourceTransactionManager(pool), Clock.systemUTC());
            Ledger.Session before = pooled.open(LEASE);
            jdbc.execute(fault);
            try {
                assertThatThrownBy(() -> before.decide(run))
                        .satisfies(e -> assertThat(LedgerFailure.of(e)).isEqualTo(LedgerFailure.SERVER));
            } finally {
                jdbc.execute(end);
                before.close();
            }
            try (Ledger.Session after = pooled.open(LEASE)) {
                assertThat(outcomes(after.decide(run))).hasOnlyElementsOfType(Outcome.Fulfilled.class);
            }
        }
        assertThat(ledger.stock(a)).map(Stock::quantity).contains(1);
    }

    @Test
    void aConnectionToAServerThatBecameReadOnlyIsDropped() throws SQLException {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(dataSource.getUrl());
            pool.setUsername(dataSource.getUsername());
            pool.setPassword(dataSource.getPassword());
            pool.setMaximumPoolSize(1);
            pool.setExceptionOverrideClassName(SwitchedServer.class.getName());
            JdbcTemplate pooled = new JdbcTemplate(pool);
            List<Long> connections = new ArrayList<>();
            connections.add(pooled.queryForObject("SELECT CONNECTION_ID()", Long.class));
            assertThatThrownBy(() -> pooled.execute("INSERT INTO no_such_table VALUES (1)"))
                    .isInstanceOf(DataAccessException.class);
            connections.add(pooled.queryForObject("SELECT CONNECTION_ID()", Long.class));
            assertThatThrownBy(() -> pooled.execute((Connection connection) -> {
                        try (var statement = connection.createStatement()) {
                            statement.execute("START TRANSACTION READ ONLY");
                            return statement.executeUpdate("UPDATE pulse SET beats = beats + 1"); // 1792
                        }
                    }))
                    .isInstanceOf(DataAccessException.class);
            connections.add(pooled.queryForObject("SELECT CONNECTION_ID()", Long.class));
            assertThat(connections.get(1)).isEqualTo(connections.get(0));
            assertThat(connections.get(2)).isNotEqualTo(connections.get(0));
        }
    }

    @Test
    void aSessionNeedsALeaseThatTheDatabaseCanKeep() {
        assertThatThrownBy(() -> ledger.open(Duration.ofMillis(2999))).hasMessageContaining("lease");
    }

    private static DecidedRun decide(long fence, Run.Entry... entries) {
        return decide(ledger, fence, entries);
    }

    private static DecidedRun decide(Ledger ledger, long fence, Run.Entry... entries) {
        try (Ledger.Session session = ledger.open(LEASE)) {
            return session.decide(new Run(Run.Guard.LINE, fence, List.of(entries)));
        }
    }

    private static List<Outcome> outcomes(DecidedRun decided) {
        return decided.decisions().stream().map(Decision::outcome).toList();
    }

    private static List<Long> column(String column, Order... orders) {
        List<Long> values = new ArrayList<>();
        for (Order order : orders) {
            values.add(jdbc.queryForObject(
                    "SELECT " + column + " FROM orders WHERE order_id = UNHEX(REPLACE(?, '-', ''))",
                    Long.class,
                    order.id().toString()));
        }
        return values;
    }

    private static List<Long> column(String column, String source) {
        return jdbc.queryForList("SELECT " + column + " FROM " + source, Long.class);
    }

    private static Run.Entry entry(Order order, long ticket) {
        return new Run.Entry(order, ticket);
    }

    private static Order order(long... productsAndQuantities) {
        return order(UUID.randomUUID(), productsAndQuantities);
    }

    private static Order order(UUID id, long... productsAndQuantities) {
        List<OrderLine> lines = new ArrayList<>();
        for (int i = 0; i < productsAndQuantities.length; i += 2) {
            lines.add(new OrderLine(productsAndQuantities[i], (int) productsAndQuantities[i + 1]));
        }
        assertThat(lines)
                .as("pairs in %s", Arrays.toString(productsAndQuantities))
                .isNotEmpty();
        return new Order(id, Mode.FAIR, lines, Instant.now().truncatedTo(ChronoUnit.MILLIS), null, null);
    }
}

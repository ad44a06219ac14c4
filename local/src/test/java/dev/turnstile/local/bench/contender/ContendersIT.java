package dev.turnstile.local.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.turnstile.local.bench.Contender;
import dev.turnstile.local.bench.DrainResult;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import dev.turnstile.stock.JdbcLedger;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.Run.Guard;
import dev.turnstile.stock.Stock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Every contender on real servers. Each test has products of its own. */
class ContendersIT {

    private static final int ORDERS = 60;
    private static final int STOCK = 50;
    private static final AtomicLong NEXT_PRODUCT = new AtomicLong(5_000_000);

    private static ServerAddresses servers;
    private static JdbcTemplate jdbc;
    private static JdbcLedger ledger;

    @BeforeAll
    static void connect() {
        servers = SharedStack.get().addresses();
        DriverManagerDataSource dataSource =
                new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
        Flyway.configure().dataSource(dataSource).load().migrate();
        jdbc = new JdbcTemplate(dataSource);
        ledger = new JdbcLedger(dataSource, new DataSourceTransactionManager(dataSource), Clock.systemUTC());
    }

    static List<Contenders.Entry<Contender>> drains() {
        return Contenders.drains();
    }

    @ParameterizedTest
    @MethodSource("drains")
    void decidesEveryOrderOnceAndSellsWhatThereIs(Contenders.Entry<Contender> entry) throws Exception {
        try (Contender contender = entry.open(servers)) {
            assertThat(contender.name()).isEqualTo(entry.name());
            assertThat(contender.drainSize()).isPositive();
            sell(contender, stocked(1));
            sell(contender, stocked(3));
            compareRows(contender, stocked(3));
        }
    }

    private static void sell(Contender contender, List<Long> productIds) throws Exception {
        List<Order> orders =
                IntStream.range(0, ORDERS).mapToObj(i -> order(productIds, 1)).toList();

        DrainResult result = contender.drain(orders);

        assertThat(result.givenUp()).isZero();
        assertThat(result.decided()).isEqualTo(ORDERS);
        assertThat(result.nanos()).isPositive();
        Map<UUID, Decision> stored = ledger.find(orders.stream().map(Order::id).toList());
        assertThat(stored).hasSize(ORDERS);
        // Each of the fulfilled saw another rest, and all of the refused saw none.
        List<Outcome> expected = new ArrayList<>(Collections.nCopies(
                ORDERS - STOCK,
                new Outcome.OutOfStock(
                        productIds.stream().map(id -> new Shortage(id, 1, 0)).toList())));
        for (int left = 0; left < STOCK; left++) {
            int quantity = left;
            expected.add(new Outcome.Fulfilled(
                    productIds.stream().map(id -> new StockLevel(id, quantity)).toList()));
        }
        assertThat(stored.values().stream().map(Decision::outcome)).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(productIds)
                .allSatisfy(
                        id -> assertThat(ledger.stock(id)).map(Stock::quantity).contains(0));
    }

    /** The rows are those that Turnstile's ledger writes. */
    private static void compareRows(Contender contender, List<Long> productIds) throws Exception {
        Order one = order(productIds, 1);
        Order tooMany = order(productIds, STOCK);
        contender.drain(List.of(one));
        contender.drain(List.of(tooMany));
        List<Map<String, Object>> theirs = rows(one, tooMany);

        productIds.forEach(id -> ledger.setStock(id, STOCK));
        Order same = order(productIds, 1);
        Order sameTooMany = order(productIds, STOCK);
        try (Ledger.Session session = ledger.open(Duration.ofSeconds(5))) {
            session.decide(new Run(Guard.LOCK, 1, List.of(new Run.Entry(same, null))));
            session.decide(new Run(Guard.LOCK, 2, List.of(new Run.Entry(sameTooMany, null))));
        }
        assertThat(theirs).isEqualTo(rows(same, sameTooMany));
    }

    /** All of a row but what differs from one order to the next: sequence, id, times and the fencing token. */
    private static List<Map<String, Object>> rows(Order... orders) {
        return Arrays.stream(orders)
                .map(order -> jdbc.queryForMap(
                        "SELECT mode, status, CAST(order_lines AS CHAR) AS order_lines, CAST(outcome AS CHAR) AS outcome,"
                                + " ticket, overtaken, replay_run FROM orders WHERE order_id = UNHEX(?)",
                        order.id().toString().replace("-", "")))
                .toList();
    }

    static Stream<Arguments> bareLocks() {
        return Contenders.bareLocks().stream()
                .flatMap(entry -> Stream.of(Arguments.of(entry, 1), Arguments.of(entry, 3)));
    }

    @ParameterizedTest
    @MethodSource("bareLocks")
    void bareLockIsWonAgainAndAgain(Contenders.Entry<BareLock> entry, int keys) throws Exception {
        List<Long> ids = LongStream.generate(NEXT_PRODUCT::incrementAndGet)
                .limit(keys)
                .boxed()
                .toList();
        try (BareLock lock = entry.open(servers)) {
            assertThat(lock.name()).isEqualTo(entry.name());
            // A master that lost its memory, as other tests make it do, grants Turnstile nothing for one lease.
            BareLock.Acquisitions first = lock.contend(ids, 1, Duration.ofMillis(300));
            for (int i = 0; i < 40 && first.won() == 0; i++) {
                first = lock.contend(ids, 1, Duration.ofMillis(300));
            }
            assertThat(first.won()).isGreaterThan(1);
            assertThat(lock.contend(ids, 8, Duration.ofMillis(300)).won()).isGreaterThan(1);
        }
    }

    private static List<Long> stocked(int products) {
        List<Long> productIds = LongStream.generate(NEXT_PRODUCT::incrementAndGet)
                .limit(products)
                .boxed()
                .toList();
        productIds.forEach(id -> ledger.setStock(id, STOCK));
        return productIds;
    }

    private static Order order(List<Long> productIds, int quantity) {
        List<OrderLine> lines =
                productIds.stream().map(id -> new OrderLine(id, quantity)).toList();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        return new Order(UuidCreator.getTimeOrderedEpoch(), Mode.DISTRIBUTED, lines, now, null, null);
    }
}

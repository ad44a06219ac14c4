package dev.turnstile.local.demo;

import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Plan} against a running system: stocks the shelves, releases the crowd, waits until everything is
 * decided and has it judged.
 */
public final class Experiment implements AutoCloseable {

    /** Products for warming up are multiples of these many ids above the products under test. */
    private static final long WARM_UP_OFFSET = 1_000_000;

    /** So many different sets of products, for their ids may decide which worker gets the orders. */
    private static final int WARM_UP_SHELVES = 10;

    /** How long the cache may lag behind MySQL before what it shows counts as wrong. */
    private static final Duration CACHE_LAG = Duration.ofSeconds(2);

    private static final Duration POLL = Duration.ofMillis(20);

    private final Plan plan;
    private final Crowd crowd;
    private final StockApi stockApi;
    private final LedgerReader ledger;

    /**
     * @param plan what is to happen
     * @param apis base URIs of the API instances, at least one
     * @param adminToken the token that may set stock
     * @param ledger the MySQL database that holds stock and orders
     */
    public Experiment(Plan plan, List<URI> apis, String adminToken, DataSource ledger) {
        this.plan = plan;
        this.crowd = new Crowd(apis);
        this.stockApi = new StockApi(apis.get(0), adminToken);
        this.ledger = new LedgerReader(ledger);
    }

    /**
     * Sends the plan's warm-up orders, for other products, in crowds like the real one: its connections and code paths,
     * rejections included, are warm afterwards. Stops early if orders remain without outcome: the experiment will show
     * that.
     *
     * @throws IOException if stock can't be set
     * @throws InterruptedException if interrupted while waiting
     */
    public void warmUp(Mode mode) throws IOException, InterruptedException {
        // One by one takes other paths than all at once, where whole batches go together.
        Duration paced = plan.gap().compareTo(Plan.TELLING_GAP) < 0 ? plan.gap() : Plan.TELLING_GAP;
        int left = plan.warmUp();
        for (int number = 0; left > 0; number++) {
            int users = Math.min(left, plan.users());
            left -= users;
            long offset = WARM_UP_OFFSET * (1 + number / 2 % WARM_UP_SHELVES);
            List<OrderLine> lines = plan.lines().stream()
                    .map(line -> new OrderLine(line.productId() + offset, line.quantity()))
                    .toList();
            for (OrderLine line : lines) {
                stockApi.set(line.productId(), Math.min(plan.stock(), users));
            }
            Duration gap = number % 2 == 0 ? Duration.ZERO : paced;
            List<Answer> answers = crowd.release(users, gap, plan.patience(), mode, lines, Keys.HALF);
            if (answers.stream().anyMatch(answer -> answer.told() == Told.NOTHING || answer.told() == Told.WAITING)) {
                return;
            }
        }
    }

    /** Runs it with an idempotency key for every second user. */
    public ModeResult run(Mode mode) throws IOException, SQLException, InterruptedException {
        return run(mode, Keys.HALF);
    }

    /**
     * Runs the experiment once and judges it.
     *
     * @param keys which users send an idempotency key
     * @throws IOException if stock can't be set or read
     * @throws SQLException if the ledger can't be read
     * @throws InterruptedException if interrupted while waiting
     */
    public ModeResult run(Mode mode, Keys keys) throws IOException, SQLException, InterruptedException {
        for (long productId : plan.productIds()) {
            stockApi.set(productId, plan.stock());
        }
        long before = ledger.lastCommitSeq();
        List<Answer> answers = crowd.release(plan.users(), plan.gap(), plan.patience(), mode, plan.lines(), keys);
        List<DecidedRow> orders = awaitDecisions(mode, before, answers);
        return ExperimentVerdict.judge(plan, mode, answers, orders, awaitStocks());
    }

    /**
     * Name and version of the database that holds the ledger.
     *
     * @throws SQLException if it can't be asked
     */
    public String database() throws SQLException {
        return ledger.database();
    }

    @Override
    public void close() {
        crowd.close();
    }

    /** Waits for the orders that were accepted and, when their users were answered, not yet decided. */
    private List<DecidedRow> awaitDecisions(Mode mode, long before, List<Answer> answers)
            throws SQLException, InterruptedException {
        Set<UUID> waiting = answers.stream()
                .filter(answer -> answer.told() == Told.WAITING)
                .map(Answer::orderId)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        long deadline = System.nanoTime() + plan.patience().toNanos();
        while (true) {
            List<DecidedRow> orders = ledger.ordersAfter(before, mode, plan.productIds());
            Set<UUID> decided = orders.stream().map(DecidedRow::orderId).collect(Collectors.toSet());
            if (decided.containsAll(waiting) || System.nanoTime() > deadline) {
                return orders;
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    private List<ProductStock> awaitStocks() throws SQLException, IOException, InterruptedException {
        long deadline = System.nanoTime() + CACHE_LAG.toNanos();
        while (true) {
            List<ProductStock> stocks = new ArrayList<>();
            for (Map.Entry<Long, Integer> stored :
                    ledger.quantities(plan.productIds()).entrySet()) {
                @Nullable Integer cached = stockApi.cachedQuantity(stored.getKey());
                stocks.add(new ProductStock(stored.getKey(), stored.getValue(), cached));
            }
            boolean agree =
                    stocks.stream().allMatch(stock -> stock.cached() != null && stock.cached() == stock.stored());
            if (agree || System.nanoTime() > deadline) {
                return stocks;
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }
}

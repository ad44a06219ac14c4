package dev.turnstile.api.live;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.live.LiveView.LineView;
import dev.turnstile.api.live.LiveView.LiveOrder;
import dev.turnstile.api.live.LiveView.LiveStock;
import dev.turnstile.api.live.LiveView.WorkerView;
import dev.turnstile.line.LineStatus;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Mode;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RecentDecisions;
import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Reads the state of the whole system, through any instance: decisions and stock in the ledger, the line, the cache and
 * what workers report in Redis. For one thread.
 */
final class LiveSource {

    /**
     * Decisions that a new watcher is shown, and that are looked at once more for those of other products that were
     * slower.
     */
    static final int HISTORY = 500;

    /** More than that in one look are left out. */
    private static final int MOST_AT_ONCE = 5000;

    /** The part of them that one view contains. */
    private static final int MOST_SHOWN = 300;

    private static final int PRODUCTS = 24;
    private static final Duration RATE_OVER = Duration.ofSeconds(2);

    private final Ledger ledger;
    private final RecentDecisions tail;
    private final LineStatus board;
    private final StockCache cache;
    private final LineThroughput pace;
    private final Duration patience;
    private final int instance;
    private final boolean crowd;
    private final LongSupplier nanoTime;

    private final TreeSet<Long> seen = new TreeSet<>();
    private final Deque<LiveOrder> history = new ArrayDeque<>();
    private final Deque<Counted> counted = new ArrayDeque<>();
    private long watchedSince;
    private boolean watching;

    private record Counted(long at, Map<Mode, Map<String, Integer>> orders) {}

    LiveSource(
            Ledger ledger,
            RecentDecisions tail,
            LineStatus board,
            StockCache cache,
            LineThroughput pace,
            ApiProperties api,
            LiveProperties live,
            LongSupplier nanoTime) {
        this.ledger = ledger;
        this.tail = tail;
        this.board = board;
        this.cache = cache;
        this.pace = pace;
        this.patience = api.backendTimeout();
        this.instance = api.instance();
        this.crowd = live.crowd();
        this.nanoTime = nanoTime;
    }

    /** Clears its state, as there is no watcher. */
    void rest() {
        watching = false;
        seen.clear();
        history.clear();
        counted.clear();
    }

    /** Looks. What does not answer is left out and named. */
    LiveView look() {
        List<String> trouble = new ArrayList<>();
        List<LiveOrder> orders = List.of();
        List<Stock> stocks = List.of();
        try {
            orders = newOrders();
            stocks = stocks();
        } catch (DataAccessException e) {
            trouble.add("The database does not answer.");
        }
        List<Long> products = stocks.stream().map(Stock::productId).toList();
        LineStatus.@Nullable Snapshot look = answer(board.look(products), trouble, "The line's Redis does not answer.");
        Map<Long, Integer> cached =
                look == null ? null : answer(cache.quantities(products), trouble, "The cache does not answer.");
        return new LiveView(
                instance,
                crowd,
                trouble.isEmpty() ? null : String.join(" ", trouble),
                look == null ? null : line(look),
                stocks.stream()
                        .map(stock -> stock(stock, cached == null ? Map.of() : cached, look))
                        .toList(),
                look == null ? List.of() : workers(look),
                orders.subList(Math.max(0, orders.size() - MOST_SHOWN), orders.size()),
                perSecond());
    }

    /** Returns the view with earlier decisions. */
    LiveView withHistory(LiveView view) {
        return new LiveView(
                view.instance(),
                view.crowd(),
                view.trouble(),
                view.line(),
                view.stocks(),
                view.workers(),
                List.copyOf(history),
                view.perSecond());
    }

    private <T> @Nullable T answer(CompletionStage<T> stage, List<String> trouble, String otherwise) {
        try {
            return stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            trouble.add(otherwise);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private List<LiveOrder> newOrders() {
        long now = nanoTime.getAsLong();
        boolean first = !watching;
        long from = first ? Math.max(0, tail.last() - HISTORY) : lowest();
        List<LiveOrder> orders = tail.after(from, MOST_AT_ONCE).stream()
                .filter(entry -> seen.add(entry.commitSeq()))
                .map(LiveSource::order)
                .toList();
        while (seen.size() > 2 * MOST_AT_ONCE) {
            seen.pollFirst();
        }
        history.addAll(orders);
        while (history.size() > HISTORY) {
            history.remove();
        }
        if (first) {
            watching = true;
            watchedSince = now;
        } else {
            counted.add(new Counted(now, count(orders)));
        }
        return orders;
    }

    /** Behind the last commit that was seen: those of other products may have been slower. */
    private long lowest() {
        return seen.isEmpty() ? 0 : Math.max(seen.first() - 1, seen.last() - HISTORY);
    }

    private static LiveOrder order(RecentDecisions.Entry entry) {
        Long ticket = entry.ticket();
        return new LiveOrder(
                entry.commitSeq(),
                entry.mode(),
                entry.status(),
                entry.lines(),
                ticket == null ? null : new Ticket(ticket).sequence(),
                entry.overtaken());
    }

    private static Map<Mode, Map<String, Integer>> count(Collection<LiveOrder> orders) {
        Map<Mode, Map<String, Integer>> counts = new EnumMap<>(Mode.class);
        orders.forEach(order ->
                counts.computeIfAbsent(order.mode(), mode -> new TreeMap<>()).merge(order.status(), 1, Integer::sum));
        return counts;
    }

    private Map<Mode, Map<String, Double>> perSecond() {
        long now = nanoTime.getAsLong();
        while (!counted.isEmpty() && now - counted.element().at() > RATE_OVER.toNanos()) {
            counted.remove();
        }
        double seconds = Math.min(RATE_OVER.toNanos(), Math.max(1, now - watchedSince)) / 1e9;
        Map<Mode, Map<String, Double>> rates = new EnumMap<>(Mode.class);
        counted.forEach(each -> each.orders()
                .forEach((mode, statuses) ->
                        statuses.forEach((status, count) -> rates.computeIfAbsent(mode, none -> new TreeMap<>())
                                .merge(status, count / seconds, Double::sum))));
        return rates;
    }

    /** Those that were ordered last, and the first ones. */
    private List<Stock> stocks() {
        Set<Long> wanted = new LinkedHashSet<>();
        history.descendingIterator().forEachRemaining(order -> order.lines().forEach(line -> {
            if (wanted.size() < PRODUCTS) {
                wanted.add(line.productId());
            }
        }));
        TreeMap<Long, Stock> stocks = new TreeMap<>();
        ledger.stocks(wanted).forEach(stock -> stocks.put(stock.productId(), stock));
        for (Stock stock : ledger.stocks(0, PRODUCTS)) {
            if (stocks.size() < PRODUCTS) {
                stocks.put(stock.productId(), stock);
            }
        }
        return List.copyOf(stocks.values());
    }

    private LineView line(LineStatus.Snapshot look) {
        return new LineView(
                look.waiting(),
                look.parked(),
                look.queues().stream()
                        .map(LineStatus.Queue::head)
                        .filter(Objects::nonNull)
                        .map(Ticket::sequence)
                        .min(Long::compare)
                        .orElse(null),
                pace.perSecond(),
                pace.waitBehind(look.waiting()).map(Duration::toMillis).orElse(null));
    }

    private static LiveStock stock(Stock stock, Map<Long, Integer> cached, LineStatus.@Nullable Snapshot look) {
        LineStatus.Queue queue = look == null
                ? null
                : look.queues().stream()
                        .filter(each -> each.productId() == stock.productId())
                        .findFirst()
                        .orElse(null);
        return new LiveStock(
                stock.productId(),
                stock.quantity(),
                cached.get(stock.productId()),
                queue == null ? 0 : queue.length(),
                queue == null ? null : queue.holder());
    }

    private static List<WorkerView> workers(LineStatus.Snapshot look) {
        return look.workers().stream()
                .map(each -> new WorkerView(
                        each.worker(),
                        look.queues().stream()
                                .filter(queue -> each.worker().equals(queue.holder()))
                                .map(LineStatus.Queue::productId)
                                .toList(),
                        each.report()))
                .sorted((one, other) -> one.id().compareTo(other.id()))
                .toList();
    }
}

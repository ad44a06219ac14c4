package dev.turnstile.api.order;

import static org.mockito.Mockito.CALLS_REAL_METHODS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.withSettings;

import dev.turnstile.api.TurnstileApi;
import dev.turnstile.line.Draw;
import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineCounters;
import dev.turnstile.line.LineFullException;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.LineStatus;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.RequestKey;
import dev.turnstile.line.RequestSeenException;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketLine;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.order.ReplyAddress;
import dev.turnstile.order.Shortage;
import dev.turnstile.redis.RedisAddress;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.RecentDecisions;
import dev.turnstile.stock.RecordedOrder;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.Stock;
import dev.turnstile.stock.StockCache;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;

/** The API as it is, with a line, a ledger, a cache and a publisher that behave as a test sets them. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class, KafkaAutoConfiguration.class})
@ComponentScan(
        basePackageClasses = TurnstileApi.class,
        excludeFilters =
                @Filter(
                        type = FilterType.ASSIGNABLE_TYPE,
                        classes = {TurnstileApi.class, KafkaConfiguration.class}))
public class FakeBackends {

    /** Sockets that hold little: a client that does not read is noticed after some answers, and not after megabytes. */
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> smallSockets() {
        return factory ->
                factory.addConnectorCustomizers(connector -> connector.setProperty("socket.txBufSize", "16384"));
    }

    /** When every fake decision is made. */
    public static final Instant DECIDED_AT = Instant.parse("2026-01-02T03:04:05Z");

    @Bean
    FakeLine line() {
        return new FakeLine();
    }

    @Bean
    FakeLedger ledger() {
        return mock(FakeLedger.class, withSettings().useConstructor().defaultAnswer(CALLS_REAL_METHODS));
    }

    @Bean
    Installation installation() {
        return new Installation(UUID.randomUUID(), new byte[32]);
    }

    @Bean
    SpanNotes spans() {
        return new SpanNotes();
    }

    @Bean
    FakeCache cache() {
        return new FakeCache();
    }

    @Bean
    RecentDecisions recentDecisions() {
        return mock(RecentDecisions.class);
    }

    @Bean
    LineStatus lineStatus() {
        return mock(LineStatus.class);
    }

    @Bean
    FakePublisher publisher(WaitingRequests waiting) {
        return new FakePublisher(waiting);
    }

    @Bean
    FakeMemory idempotencyStore(FakeLine line) {
        return new FakeMemory(line.memory);
    }

    @Bean
    ReplyTo replyTo() {
        return () -> new ReplyAddress(OrderTopics.REPLIES, 0);
    }

    @Bean
    LineProperties lineProperties() {
        Duration second = Duration.ofSeconds(1);
        return new LineProperties(
                List.of(RedisAddress.of("redis://nowhere:6379")),
                second,
                Duration.ofSeconds(3),
                second,
                second,
                second,
                1,
                1,
                second);
    }

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** Tickets 1, 2, 3, …, unless set to fail. */
    static final class FakeLine implements TicketLine {

        final AtomicLong tickets = new AtomicLong();
        final AtomicInteger asked = new AtomicInteger();
        final List<UUID> drawn = new CopyOnWriteArrayList<>();
        final List<UUID> cancelled = new CopyOnWriteArrayList<>();
        final Map<UUID, QueuePosition> places = new ConcurrentHashMap<>();
        /** What is remembered of requests under keys. */
        final Map<UUID, String> memory = new ConcurrentHashMap<>();
        /** Orders that are in the line by a draw of another instance. */
        final Map<UUID, Ticket> inLine = new ConcurrentHashMap<>();

        final Map<UUID, TicketedOrder> standing = new ConcurrentHashMap<>();
        /** No order is admitted, and nothing moves. */
        volatile boolean full;

        volatile @Nullable RuntimeException failure;

        @Override
        public CompletionStage<Void> beat() {
            RuntimeException failing = failure;
            return failing == null ? CompletableFuture.completedStage(null) : CompletableFuture.failedStage(failing);
        }

        @Override
        public CompletionStage<Ticket> draw(Order order) {
            return answer(() -> {
                drawn.add(order.id());
                return new Ticket(tickets.incrementAndGet());
            });
        }

        @Override
        public CompletionStage<Draw> draw(Order order, int room, @Nullable RequestKey key) {
            asked.incrementAndGet();
            String first = key == null ? null : memory.get(key.id());
            if (key != null && first != null && !first.equals(key.digest())) {
                return CompletableFuture.failedStage(new RequestSeenException(false));
            }
            Ticket stands = inLine.get(order.id());
            if (stands != null) {
                return CompletableFuture.completedStage(new Draw(stands, false));
            }
            if (key != null && first != null && !key.undecided()) {
                return CompletableFuture.failedStage(new RequestSeenException(true));
            }
            if (full) {
                return CompletableFuture.failedStage(new LineFullException(7));
            }
            return draw(order).thenApply(ticket -> {
                if (key != null) {
                    memory.put(key.id(), key.digest());
                }
                return new Draw(ticket, true);
            });
        }

        @Override
        public CompletionStage<LineCounters> traffic() {
            return answer(() -> new LineCounters(1, tickets.get(), full ? 1 : 0));
        }

        @Override
        public CompletionStage<List<Ticket>> drawInTurn(List<Order> orders, int maxWaiting) {
            throw new UnsupportedOperationException("the API does not draw in turn");
        }

        @Override
        public CompletionStage<Boolean> cancel(Order order) {
            return answer(() -> cancelled.add(order.id()));
        }

        @Override
        public CompletionStage<Optional<TicketedOrder>> standing(UUID orderId) {
            return answer(() -> Optional.ofNullable(standing.get(orderId)));
        }

        @Override
        public CompletionStage<Void> leave(TicketedOrder decided) {
            standing.remove(decided.order().id());
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Optional<QueuePosition>> place(UUID orderId) {
            return answer(() -> Optional.ofNullable(places.get(orderId)));
        }

        private <T> CompletionStage<T> answer(Supplier<T> answer) {
            RuntimeException failing = failure;
            return failing == null
                    ? CompletableFuture.completedStage(answer.get())
                    : CompletableFuture.failedStage(failing);
        }
    }

    /** Publishes into a list, and has the orders decided at once if a test says how. */
    public static final class FakePublisher implements OrderPublisher {

        final List<Order> published = new CopyOnWriteArrayList<>();
        volatile @Nullable Function<Order, Outcome> decide;
        /** Returns the decision of an order by an earlier record, as a worker finds it. */
        volatile Function<Order, @Nullable Decision> decidedBefore = order -> null;

        volatile @Nullable RuntimeException failure;
        private final WaitingRequests waiting;

        FakePublisher(WaitingRequests waiting) {
            this.waiting = waiting;
        }

        @Override
        public CompletionStage<?> publish(Order order, @Nullable Ticket ticket) {
            RuntimeException failing = failure;
            if (failing != null) {
                return CompletableFuture.failedStage(failing);
            }
            published.add(order);
            Decision standing = decidedBefore.apply(order);
            Function<Order, Outcome> deciding = decide;
            if (standing != null) {
                waiting.decided(standing, true);
            } else if (deciding != null) {
                waiting.decided(decision(order, ticket, deciding.apply(order)));
            }
            return CompletableFuture.completedStage(order);
        }

        /** The orders that went out. */
        public List<Order> published() {
            return published;
        }

        static Decision decision(Order order, @Nullable Ticket ticket, Outcome outcome) {
            Long number = ticket == null ? null : ticket.number();
            return new Decision(order.id(), order.mode(), number, outcome, DECIDED_AT);
        }
    }

    /** Remembers for ever. */
    static final class FakeMemory implements IdempotencyStore {

        final Set<UUID> accepted = ConcurrentHashMap.newKeySet();
        volatile @Nullable RuntimeException failure;
        private final Map<UUID, String> digests;

        FakeMemory(Map<UUID, String> digests) {
            this.digests = digests;
        }

        @Override
        public CompletionStage<Claim> claim(RequestKey key) {
            return answer(() -> {
                String first = digests.putIfAbsent(key.id(), key.digest());
                return first == null ? Claim.FIRST : first.equals(key.digest()) ? Claim.SAME : Claim.OTHER;
            });
        }

        @Override
        public CompletionStage<Void> accept(UUID orderId) {
            return answer(() -> accepted.add(orderId)).thenAccept(done -> {});
        }

        @Override
        public CompletionStage<Set<UUID>> accepted(Collection<UUID> orderIds) {
            return answer(() -> orderIds.stream().filter(accepted::contains).collect(Collectors.toSet()));
        }

        private <T> CompletionStage<T> answer(Supplier<T> answer) {
            RuntimeException failing = failure;
            return failing == null
                    ? CompletableFuture.completedStage(answer.get())
                    : CompletableFuture.failedStage(failing);
        }
    }

    /** Stocks and outcomes in memory; what only workers call is left out. */
    public abstract static class FakeLedger implements Ledger {

        final Map<UUID, Decision> decisions = new ConcurrentHashMap<>();
        /** What the orders wanted, where a test cares. */
        final Map<UUID, List<OrderLine>> lines = new ConcurrentHashMap<>();
        /** The stocks, by product. */
        public final Map<Long, Stock> stocks = Collections.synchronizedMap(new TreeMap<>());
        /** What happens right after it was asked for recorded orders, if not null. */
        volatile @Nullable Runnable afterRecorded;
        /** How often it was asked for recorded orders. */
        final AtomicInteger asked = new AtomicInteger();
        /** Thrown by every call, if not null. */
        public volatile @Nullable RuntimeException failure;

        @Override
        public Optional<Decision> find(UUID orderId) {
            failIfTold();
            return Optional.ofNullable(decisions.get(orderId));
        }

        @Override
        public Map<UUID, Decision> find(Collection<UUID> orderIds) {
            failIfTold();
            Map<UUID, Decision> found = new HashMap<>(decisions);
            found.keySet().retainAll(orderIds);
            return found;
        }

        @Override
        public Map<UUID, RecordedOrder> recorded(Collection<UUID> orderIds) {
            asked.incrementAndGet();
            Map<UUID, RecordedOrder> recorded = new HashMap<>();
            find(orderIds)
                    .forEach((id, decision) ->
                            recorded.put(id, new RecordedOrder(decision, lines.getOrDefault(id, List.of()))));
            Runnable then = afterRecorded;
            if (then != null) {
                then.run();
            }
            return recorded;
        }

        @Override
        public List<Decision> refuse(List<Run.Entry> entries, Outcome outcome) {
            failIfTold();
            return entries.stream()
                    .map(entry -> decisions.computeIfAbsent(entry.order().id(), id -> {
                        Order order = entry.order();
                        return new Decision(id, order.mode(), entry.ticket(), outcome, DECIDED_AT);
                    }))
                    .toList();
        }

        @Override
        public List<Stock> stocks(long after, int most) {
            failIfTold();
            return stocks.values().stream()
                    .filter(stock -> stock.productId() > after)
                    .limit(most)
                    .toList();
        }

        @Override
        public Optional<Stock> stock(long productId) {
            failIfTold();
            return Optional.ofNullable(stocks.get(productId));
        }

        @Override
        public Stock setStock(long productId, int quantity) {
            failIfTold();
            return Objects.requireNonNull(stocks.merge(
                    productId,
                    new Stock(productId, quantity, 1),
                    (before, set) -> new Stock(productId, quantity, before.version() + 1)));
        }

        private void failIfTold() {
            RuntimeException failing = failure;
            if (failing != null) {
                throw failing;
            }
        }
    }

    /** A cache in memory. */
    public static final class FakeCache implements StockCache {

        /** What is cached. */
        public final Map<Long, Integer> quantities = new ConcurrentHashMap<>();
        /** With which every call fails, if not null. */
        public volatile @Nullable RuntimeException failure;

        @Override
        public CompletionStage<Void> write(Collection<Stock> stocks) {
            RuntimeException failing = failure;
            if (failing != null) {
                return CompletableFuture.failedStage(failing);
            }
            stocks.forEach(stock -> quantities.put(stock.productId(), stock.quantity()));
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Long> write(Collection<Stock> stocks, long since) {
            return write(stocks).thenApply(done -> since);
        }

        @Override
        public CompletionStage<List<Shortage>> shortages(List<OrderLine> wanted, Duration believedFor) {
            RuntimeException failing = failure;
            return failing == null
                    ? CompletableFuture.completedStage(wanted.stream()
                            .filter(line ->
                                    quantities.getOrDefault(line.productId(), Integer.MAX_VALUE) < line.quantity())
                            .map(line -> new Shortage(
                                    line.productId(), line.quantity(), quantities.getOrDefault(line.productId(), 0)))
                            .toList())
                    : CompletableFuture.failedStage(failing);
        }

        @Override
        public CompletionStage<Map<Long, Integer>> quantities(Collection<Long> productIds) {
            RuntimeException failing = failure;
            return failing == null
                    ? CompletableFuture.completedStage(Map.copyOf(quantities))
                    : CompletableFuture.failedStage(failing);
        }
    }

    static Order order(Mode mode) {
        return new Order(
                UUID.randomUUID(),
                mode,
                List.of(new OrderLine(1, 1)),
                DECIDED_AT,
                new ReplyAddress(OrderTopics.REPLIES, 0),
                null);
    }
}

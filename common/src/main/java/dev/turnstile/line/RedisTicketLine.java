package dev.turnstile.line;

import dev.turnstile.line.DrawScript.Drawing;
import dev.turnstile.line.DrawScript.Drawn;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson.UnreadableMessageException;
import dev.turnstile.redis.RedisScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RBatch;
import org.redisson.api.RMap;
import org.redisson.api.RScoredSortedSetAsync;
import org.redisson.client.codec.StringCodec;

/** The line's door and its view from outside, in Redis. */
final class RedisTicketLine implements TicketLine {

    private static final RedisScript BEAT = RedisScript.load("line", "line-beat");
    private static final RedisScript TRAFFIC = RedisScript.load("line", "line-traffic");

    private final LineRedis redis;
    private final String drawer;
    private final DrawScript script;
    private final DrawQueue draws;
    private final int maxWaiting;

    /**
     * Makes a door.
     *
     * @param drawer who draws here, unique among all processes that ever draw
     * @param requests what is remembered of requests under idempotency keys
     */
    RedisTicketLine(LineRedis redis, LineProperties properties, String drawer, RequestLimits requests) {
        this.redis = redis;
        this.drawer = drawer;
        this.script = new DrawScript(redis, drawer, requests);
        this.draws = new DrawQueue(script, properties.stockBelievedFor());
        this.maxWaiting = properties.maxWaiting();
    }

    @Override
    public CompletionStage<Ticket> draw(Order order) {
        return draw(order, maxWaiting, null).thenApply(Draw::ticket);
    }

    @Override
    public CompletionStage<Draw> draw(Order order, int room, @Nullable RequestKey key) {
        return draws.draw(order, Math.min(room, maxWaiting), key);
    }

    @Override
    public CompletionStage<List<Ticket>> drawInTurn(List<Order> orders, int maxWaiting) {
        if (orders.isEmpty()) {
            return CompletableFuture.completedStage(List.of());
        }
        List<Drawing> drawings =
                orders.stream().map(order -> new Drawing(order, null)).toList();
        return script.run(drawings, maxWaiting, Duration.ZERO).thenApply(results -> results.stream()
                .takeWhile(Drawn.class::isInstance)
                .map(result -> ((Drawn) result).draw().ticket())
                .toList());
    }

    @Override
    public CompletionStage<Boolean> cancel(Order order) {
        return redis.takeOutDrawn(order.id(), TicketRecord.of(order, drawer), order.productIds());
    }

    @Override
    public CompletionStage<Void> beat() {
        return redis.run(BEAT, List.of(LineKeys.BEATS), drawer).thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Optional<TicketedOrder>> standing(UUID orderId) {
        return record(orderId)
                .thenApply(found -> found.map(entry -> {
                    try {
                        return new TicketedOrder(TicketRecord.order(entry.record()), Ticket.parse(entry.ticket()));
                    } catch (UnreadableMessageException e) {
                        throw new IllegalStateException(
                                "the record of order " + orderId + " can't be read by this build", e);
                    }
                }));
    }

    @Override
    public CompletionStage<Void> leave(TicketedOrder decided) {
        Order order = decided.order();
        return redis.takeOut(order.id(), decided.ticket(), order.productIds(), true)
                .thenAccept(done -> {});
    }

    @Override
    public CompletionStage<LineCounters> traffic() {
        return redis.run(TRAFFIC, List.of(LineKeys.STATE, LineKeys.TICKETS)).thenApply(answer -> {
            long last = Long.parseLong((String) answer.get(0));
            long waiting = (Long) answer.get(1);
            Ticket next = new Ticket(last + 1);
            redis.saw(next.epoch());
            return new LineCounters(next.epoch(), next.sequence() - 1 - waiting, waiting);
        });
    }

    @Override
    public CompletionStage<Optional<QueuePosition>> place(UUID orderId) {
        return record(orderId).thenCompose(found -> found.map(entry -> rank(entry.ticket(), entry.record()))
                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())));
    }

    private record Entry(String ticket, String record) {}

    private CompletionStage<Optional<Entry>> record(UUID orderId) {
        RMap<String, String> orders = redis.client().getMap(LineKeys.ORDERS, StringCodec.INSTANCE);
        return orders.getAsync(orderId.toString()).thenCompose(ticket -> {
            if (ticket == null) {
                return CompletableFuture.completedStage(Optional.empty());
            }
            RMap<String, String> tickets = redis.client().getMap(LineKeys.TICKETS, StringCodec.INSTANCE);
            return tickets.getAsync(ticket)
                    .thenApply(record -> Optional.ofNullable(record).map(known -> new Entry(ticket, known)));
        });
    }

    private CompletionStage<Optional<QueuePosition>> rank(String ticket, String record) {
        RBatch batch = redis.client().createBatch();
        List<CompletionStage<Integer>> ranks = new ArrayList<>();
        List<CompletionStage<Integer>> sizes = new ArrayList<>();
        for (long productId : TicketRecord.productIds(record)) {
            RScoredSortedSetAsync<String> queue =
                    batch.getScoredSortedSet(LineKeys.queue(productId), StringCodec.INSTANCE);
            ranks.add(queue.rankAsync(ticket));
            sizes.add(queue.sizeAsync());
        }
        return batch.executeAsync().thenApply(done -> IntStream.range(0, ranks.size())
                .filter(i -> now(ranks.get(i)) != null)
                .mapToObj(i -> new QueuePosition(Ticket.parse(ticket), now(ranks.get(i)), now(sizes.get(i))))
                .max(Comparator.comparingLong(QueuePosition::ahead)));
    }

    private static <T> T now(CompletionStage<T> answered) {
        return answered.toCompletableFuture().join();
    }
}

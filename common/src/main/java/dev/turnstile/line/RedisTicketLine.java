package dev.turnstile.line;

import dev.turnstile.order.Order;
import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RBatch;
import org.redisson.api.RMap;
import org.redisson.client.codec.StringCodec;

/** The line's door and its view from outside, in Redis. */
final class RedisTicketLine implements TicketLine {

    private static final RedisScript DRAW = RedisScript.load("line-draw");
    private static final RedisScript CANCEL = RedisScript.load("line-cancel");

    private final LineRedis redis;
    private final LineProperties properties;

    RedisTicketLine(LineRedis redis, LineProperties properties) {
        this.redis = redis;
        this.properties = properties;
    }

    @Override
    public CompletionStage<Ticket> draw(Order order) {
        List<String> keys = new ArrayList<>(List.of(LineKeys.STATE, LineKeys.ORDERS, LineKeys.TICKETS));
        addQueues(keys, order);
        return redis.run(DRAW, keys, order.id(), TicketRecord.of(order), properties.maxWaiting())
                .thenApply(answer -> {
                    if (answer.get(0).equals("FULL")) {
                        throw new LineFullException((Long) answer.get(1));
                    }
                    return Ticket.parse(answer.get(1));
                });
    }

    @Override
    public CompletionStage<Boolean> cancel(Order order) {
        List<String> keys =
                new ArrayList<>(List.of(LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.PARKED, LineKeys.HEADS));
        addQueues(keys, order);
        return redis.run(CANCEL, keys, order.id(), LineKeys.WAKE_CHANNEL)
                .thenApply(answer -> answer.get(0).equals(1L));
    }

    @Override
    public CompletionStage<Optional<Place>> place(UUID orderId) {
        RMap<String, String> orders = redis.client().getMap(LineKeys.ORDERS, StringCodec.INSTANCE);
        return orders.getAsync(orderId.toString()).thenCompose(ticket -> {
            if (ticket == null) {
                return CompletableFuture.completedStage(Optional.empty());
            }
            RMap<String, String> tickets = redis.client().getMap(LineKeys.TICKETS, StringCodec.INSTANCE);
            return tickets.getAsync(ticket).thenCompose(record -> rank(ticket, record));
        });
    }

    private CompletionStage<Optional<Place>> rank(String ticket, @Nullable String record) {
        if (record == null) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        RBatch batch = redis.client().createBatch();
        List<CompletionStage<Integer>> ranks = new ArrayList<>();
        for (long productId : TicketRecord.productIds(record)) {
            ranks.add(batch.getScoredSortedSet(LineKeys.queue(productId), StringCodec.INSTANCE)
                    .rankAsync(ticket));
        }
        return batch.executeAsync().thenApply(done -> ranks.stream()
                .map(rank -> rank.toCompletableFuture().join())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .map(ahead -> new Place(Ticket.parse(ticket), ahead)));
    }

    private static void addQueues(List<String> keys, Order order) {
        order.productIds().forEach(productId -> keys.add(LineKeys.queue(productId)));
    }
}

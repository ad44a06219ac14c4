package dev.turnstile.line;

import dev.turnstile.order.Order;
import dev.turnstile.redis.RedisScript;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Orders of one API instance on their way to a ticket. One script at a time draws for all that wait here, first come,
 * first served: were each drawn by a call of its own, the connections would shuffle them, and a crowd would wait for
 * connections.
 */
final class DrawQueue {

    private static final RedisScript DRAW = RedisScript.load("line-draw");

    /** Orders that one script draws for, so that it does not hold up Redis. */
    private static final int DRAWN_AT_ONCE = 100;

    private final LineRedis redis;
    private final LineProperties properties;
    private final String drawer;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private boolean underWay;

    private record Entry(Order order, CompletableFuture<Ticket> ticket) {}

    DrawQueue(LineRedis redis, LineProperties properties, String drawer) {
        this.redis = redis;
        this.properties = properties;
        this.drawer = drawer;
    }

    CompletionStage<Ticket> draw(Order order) {
        Entry entry = new Entry(order, new CompletableFuture<>());
        synchronized (this) {
            waiting.add(entry);
            if (underWay) {
                return entry.ticket();
            }
            underWay = true;
        }
        drawNext();
        return entry.ticket();
    }

    private void drawNext() {
        List<Entry> batch = new ArrayList<>();
        synchronized (this) {
            while (batch.size() < DRAWN_AT_ONCE && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            if (batch.isEmpty()) {
                underWay = false;
                return;
            }
        }
        try {
            draw(batch).whenComplete((answer, failure) -> {
                drawNext();
                tell(batch, answer, failure);
            });
        } catch (RuntimeException e) { // the client is shut down
            drawNext();
            tell(batch, null, e);
        }
    }

    private CompletionStage<List<Object>> draw(List<Entry> batch) {
        QueueKeys keys = new QueueKeys(LineKeys.STATE, LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.UNPARKED);
        List<Object> arguments = new ArrayList<>(1 + 3 * batch.size());
        arguments.add(properties.maxWaiting());
        for (Entry entry : batch) {
            arguments.add(entry.order().id());
            arguments.add(keys.positions(entry.order().productIds()));
            arguments.add(TicketRecord.of(entry.order(), drawer));
        }
        return redis.run(DRAW, keys.all(), arguments.toArray());
    }

    private static void tell(List<Entry> batch, @Nullable List<Object> answer, @Nullable Throwable failure) {
        for (int i = 0; i < batch.size(); i++) {
            CompletableFuture<Ticket> ticket = batch.get(i).ticket();
            if (answer == null) {
                ticket.completeExceptionally(
                        failure != null ? failure : new IllegalStateException("the line gave no answer"));
            } else if (answer.get(i + 1).equals("")) {
                ticket.completeExceptionally(new LineFullException((Long) answer.get(0)));
            } else {
                ticket.complete(Ticket.parse(answer.get(i + 1)));
            }
        }
    }
}

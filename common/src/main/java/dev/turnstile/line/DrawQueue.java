package dev.turnstile.line;

import dev.turnstile.line.DrawScript.Answer;
import dev.turnstile.line.DrawScript.Drawn;
import dev.turnstile.line.DrawScript.SoldOut;
import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Orders of one API instance on their way to a ticket. One script at a time draws for all that wait here, first come,
 * first served: were each drawn by a call of its own, the connections would shuffle them, and a crowd would wait for
 * connections. Where many come they gather between two draws, as {@link DrawPace} says.
 */
final class DrawQueue {

    /** Orders that one script draws for, so that it does not hold up Redis. */
    private static final int DRAWN_AT_ONCE = 100;

    /** Lines of the orders that one script draws for, for the same reason; one order has its turn however many it has. */
    private static final int LINES_AT_ONCE = 1000;

    private final DrawScript script;
    private final Duration stockBelievedFor;
    private final DrawPace pace = new DrawPace(System.nanoTime());
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private boolean underWay;

    private record Entry(Order order, int room, CompletableFuture<Ticket> ticket) {}

    /**
     * Makes a queue.
     *
     * @param stockBelievedFor how long after its confirmation cached stock may refuse an order; 0 refuses nobody
     */
    DrawQueue(DrawScript script, Duration stockBelievedFor) {
        this.script = script;
        this.stockBelievedFor = stockBelievedFor;
    }

    /**
     * Draws for an order.
     *
     * @param room how many orders may be in the line; of those that one script draws for the latest counts
     */
    CompletionStage<Ticket> draw(Order order, int room) {
        Entry entry = new Entry(order, room, new CompletableFuture<>());
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
            int lines = 0;
            while (batch.size() < DRAWN_AT_ONCE && lines < LINES_AT_ONCE && !waiting.isEmpty()) {
                Entry next = waiting.remove();
                lines += next.order().lines().size();
                batch.add(next);
            }
            if (batch.isEmpty()) {
                underWay = false;
                return;
            }
        }
        try {
            draw(batch).whenComplete((answer, failure) -> {
                drawNextAfter(pace.pause(System.nanoTime(), batch.size()));
                tell(batch, answer, failure);
            });
        } catch (RuntimeException e) { // the client is shut down
            drawNext();
            tell(batch, null, e);
        }
    }

    private void drawNextAfter(long pause) {
        if (pause == 0) {
            drawNext();
        } else {
            CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(this::drawNext);
        }
    }

    private CompletionStage<Answer> draw(List<Entry> batch) {
        int room = batch.get(batch.size() - 1).room();
        return script.run(batch.stream().map(Entry::order).toList(), room, stockBelievedFor);
    }

    private static void tell(List<Entry> batch, @Nullable Answer answer, @Nullable Throwable failure) {
        for (int i = 0; i < batch.size(); i++) {
            CompletableFuture<Ticket> entry = batch.get(i).ticket();
            if (answer == null) {
                entry.completeExceptionally(
                        failure != null ? failure : new IllegalStateException("the line gave no answer"));
                continue;
            }
            DrawScript.Result result = answer.results().get(i);
            if (result instanceof Drawn drawn) {
                entry.complete(drawn.ticket());
            } else if (result instanceof SoldOut refused) {
                entry.completeExceptionally(new SoldOutException(refused.shortages()));
            } else {
                entry.completeExceptionally(new LineFullException(answer.waiting()));
            }
        }
    }
}

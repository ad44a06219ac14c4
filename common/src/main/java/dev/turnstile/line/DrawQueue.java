package dev.turnstile.line;

import dev.turnstile.batch.BatchedCalls;
import dev.turnstile.line.DrawScript.Drawing;
import dev.turnstile.line.DrawScript.Drawn;
import dev.turnstile.line.DrawScript.Full;
import dev.turnstile.line.DrawScript.Result;
import dev.turnstile.line.DrawScript.Seen;
import dev.turnstile.line.DrawScript.SoldOut;
import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Orders of one API instance on their way to a ticket. One script at a time draws for all that wait here, first come,
 * first served: were each drawn by a call of its own, the connections would shuffle them, and a crowd would wait for
 * connections. Where many come they gather between two draws, as {@link DrawBatching} says.
 */
final class DrawQueue {

    /** Lines of the orders that one script draws for, so that it does not hold up Redis. */
    private static final int LINES_AT_ONCE = 1000;

    /** As many lines an order counts for at least, so that a script draws for 100 orders at most. */
    private static final int LEAST_LINES = 10;

    private final BatchedCalls<Entry, Result> calls;

    private record Entry(Drawing drawing, int room) {}

    /**
     * Makes a queue.
     *
     * @param stockBelievedFor how long after its confirmation cached stock may reject an order; 0 disables early
     *     rejection
     */
    DrawQueue(DrawScript script, Duration stockBelievedFor) {
        DrawBatching pace = new DrawBatching(System.nanoTime());
        this.calls = new BatchedCalls<>(
                LINES_AT_ONCE,
                entry -> Math.max(LEAST_LINES, entry.drawing().order().lines().size()),
                batch -> draw(script, batch, stockBelievedFor),
                drawn -> pace.pause(System.nanoTime(), drawn));
    }

    /**
     * Draws for an order.
     *
     * @param room how many orders may be in the line; of those that one script draws for the latest counts
     * @param key its request, or null
     */
    CompletionStage<Draw> draw(Order order, int room, @Nullable RequestKey key) {
        return calls.ask(new Entry(new Drawing(order, key), room)).thenApply(DrawQueue::draw);
    }

    private static CompletionStage<List<Result>> draw(DrawScript script, List<Entry> batch, Duration stockBelievedFor) {
        int room = batch.get(batch.size() - 1).room();
        return script.run(batch.stream().map(Entry::drawing).toList(), room, stockBelievedFor);
    }

    private static Draw draw(Result result) {
        if (result instanceof Drawn drawn) {
            return drawn.draw();
        }
        if (result instanceof SoldOut refused) {
            throw new SoldOutException(refused.shortages());
        }
        if (result instanceof Seen seen) {
            throw new RequestSeenException(seen.same());
        }
        throw new LineFullException(((Full) result).waiting());
    }
}

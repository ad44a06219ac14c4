package dev.turnstile.line;

import dev.turnstile.order.Order;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The line as those see it who bring orders. Nothing here blocks; a stage fails with a
 * {@link org.redisson.client.RedisException} when the line's Redis can't be reached in time.
 */
public interface TicketLine {

    /**
     * Draws the next ticket for an order and lets it join the queues of all its products at once. Repeated for the same
     * order id it gives the same ticket, as long as the order is undecided.
     *
     * @return the ticket; fails with {@link SoldOutException} if the stock that the ledger confirmed a moment ago does
     *     not serve the order, and with {@link LineFullException} if the line is full. Such an order was never in the
     *     line.
     */
    CompletionStage<Ticket> draw(Order order);

    /**
     * Draws with less room, and for a request under an idempotency key. The line remembers the request with the ticket;
     * one that gets no ticket leaves nothing.
     *
     * @param room how many orders may be in the line, never more than {@link LineProperties#maxWaiting()}
     * @param key the request, or null if the order has no key
     * @return fails with {@link RequestSeenException}, too, if another request came first under the key, or the same
     *     and its order has left the line
     */
    CompletionStage<Draw> draw(Order order, int room, @Nullable RequestKey key);

    /**
     * Draws for orders that wait in an order of their own, which no full line may change: it ends at the first order
     * that is not admitted. They are accepted already, so none is rejected for lack of stock. One script draws for all
     * of them, so let them be a hundred at most.
     *
     * @param maxWaiting how many orders may be in the line
     * @return the tickets of the first of the orders, as many as there is room for
     */
    CompletionStage<List<Ticket>> drawInTurn(List<Order> orders, int maxWaiting);

    /**
     * Takes an order out of the line whose publication failed, unless a worker has parked it: then it was published all
     * the same, and will be decided. A ticket that another draw made for the same order stays.
     *
     * @param order as it was when it drew
     * @return whether it was taken out
     */
    CompletionStage<Boolean> cancel(Order order);

    /**
     * Reports that the process that draws through this line is alive. Without it for {@link
     * LineProperties#heartbeatLimit()}, tickets drawn here that no worker has consumed are removed from the line. Those
     * of a process that never reports are removed by their age.
     */
    CompletionStage<Void> beat();

    /**
     * The order as it is in the line, with its ticket, or nothing if it is not there.
     *
     * @return fails with an {@link IllegalStateException} if a build of another version wrote it
     */
    CompletionStage<Optional<TicketedOrder>> standing(UUID orderId);

    /**
     * Removes an order that the ledger has decided from the line, parked or not, so that no order waits behind it. If
     * this is not called, or fails, a worker will find it decided.
     */
    CompletionStage<Void> leave(TicketedOrder decided);

    /** What has gone through the line so far. */
    CompletionStage<LineCounters> traffic();

    /** Where an order stands, or nothing if it is not in the line. A snapshot: good to show, not to decide by. */
    CompletionStage<Optional<QueuePosition>> place(UUID orderId);
}

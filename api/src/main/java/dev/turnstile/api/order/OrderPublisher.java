package dev.turnstile.api.order;

import dev.turnstile.line.Ticket;
import dev.turnstile.order.Order;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Hands accepted orders to the workers. */
interface OrderPublisher {

    /**
     * Publishes an order without blocking the caller.
     *
     * @param ticket its place in the line, or null in distributed mode
     * @return completes when the order is stored by as many brokers as must have it; fails within a bounded time if
     *     that is not known, and then the order may be stored or not
     */
    CompletionStage<?> publish(Order order, @Nullable Ticket ticket);
}

package dev.turnstile.line;

import dev.turnstile.order.Order;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

public interface TicketLine {

    CompletionStage<Ticket> draw(Order order);

    CompletionStage<Boolean> cancel(Order order);

    CompletionStage<Optional<Place>> place(UUID orderId);
}

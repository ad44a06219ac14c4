package dev.turnstile.line;

import dev.turnstile.order.Order;
import dev.turnstile.redis.RedisScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Draws tickets for several orders in one call, in their order. */
final class DrawScript {

    private static final RedisScript DRAW = RedisScript.load("line-draw");

    private final LineRedis redis;
    private final String drawer;

    DrawScript(LineRedis redis, String drawer) {
        this.redis = redis;
        this.drawer = drawer;
    }

    /**
     * What came of a call.
     *
     * @param waiting how many orders are in the line now
     * @param tickets for each order its ticket, or nothing if it has none and the line is full
     */
    record Drawn(long waiting, List<Optional<Ticket>> tickets) {}

    /**
     * Draws for orders that have no ticket yet, as long as the line has room. Nothing leaves the line meanwhile: behind one
     * that found it full, no order gets a new ticket.
     *
     * @param maxWaiting how many orders may be in the line
     */
    CompletionStage<Drawn> run(List<Order> orders, int maxWaiting) {
        QueueKeys keys = new QueueKeys(LineKeys.STATE, LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.UNPARKED);
        List<Object> arguments = new ArrayList<>(1 + 3 * orders.size());
        arguments.add(maxWaiting);
        for (Order order : orders) {
            arguments.add(order.id());
            arguments.add(keys.positions(order.productIds()));
            arguments.add(TicketRecord.of(order, drawer));
        }
        return redis.run(DRAW, keys.all(), arguments.toArray()).thenApply(DrawScript::drawn);
    }

    private static Drawn drawn(List<Object> answer) {
        List<Optional<Ticket>> tickets = answer.subList(1, answer.size()).stream()
                .map(ticket -> ticket.equals("") ? Optional.<Ticket>empty() : Optional.of(Ticket.parse(ticket)))
                .toList();
        return new Drawn((Long) answer.get(0), tickets);
    }
}

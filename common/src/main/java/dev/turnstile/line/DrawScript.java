package dev.turnstile.line;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Shortage;
import dev.turnstile.redis.RedisScript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Draws tickets for several orders in one call, in their order. */
final class DrawScript {

    private static final RedisScript DRAW = RedisScript.load("line", "line-draw");

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
     * @param results one for each order
     */
    record Answer(long waiting, List<Result> results) {}

    /** What came of the draw for one order. */
    sealed interface Result {}

    /** It has this ticket. */
    record Drawn(Ticket ticket) implements Result {}

    /** It has none: the line is full. */
    record Full() implements Result {}

    /** It has none: this is short. */
    record SoldOut(List<Shortage> shortages) implements Result {}

    /**
     * Draws for orders that have no ticket yet, as long as the line has room. Nothing leaves the line meanwhile: behind one
     * that found it full, no order gets a new ticket.
     *
     * @param maxWaiting how many orders may be in the line
     * @param stockBelievedFor how long after its confirmation cached stock may refuse an order; 0 refuses nobody
     */
    CompletionStage<Answer> run(List<Order> orders, int maxWaiting, Duration stockBelievedFor) {
        QueueKeys keys = QueueKeys.withStock(
                LineKeys.STATE, LineKeys.ORDERS, LineKeys.TICKETS, LineKeys.UNPARKED, LineKeys.REFUSED);
        Map<List<OrderLine>, Integer> wants = new LinkedHashMap<>();
        StringJoiner wantOfEach = new StringJoiner(",");
        List<Object> records = new ArrayList<>(2 * orders.size());
        for (Order order : orders) {
            wantOfEach.add(wants.computeIfAbsent(order.lines(), lines -> wants.size() + 1)
                    .toString());
            records.add(order.id());
            records.add(TicketRecord.of(order, drawer));
        }
        List<Object> arguments = new ArrayList<>(4 + records.size());
        arguments.add(maxWaiting);
        arguments.add(stockBelievedFor.toMillis());
        arguments.add(wants.keySet().stream().map(lines -> want(lines, keys)).collect(Collectors.joining(" ")));
        arguments.add(wantOfEach);
        arguments.addAll(records);
        return redis.run(DRAW, keys.all(), arguments.toArray())
                .thenApply(answer -> new Answer(
                        (Long) answer.get(0),
                        IntStream.range(0, orders.size())
                                .mapToObj(i ->
                                        result(orders.get(i), answer.get(i + 1).toString()))
                                .toList()));
    }

    private static String want(List<OrderLine> lines, QueueKeys keys) {
        return keys.positions(lines.stream().map(OrderLine::productId).toList()) + ":"
                + lines.stream().map(line -> Integer.toString(line.quantity())).collect(Collectors.joining(","));
    }

    private static Result result(Order order, String told) {
        if (told.isEmpty()) {
            return new Full();
        }
        if (!told.endsWith(",")) {
            return new Drawn(Ticket.parse(told));
        }
        Map<Long, Integer> wanted =
                order.lines().stream().collect(Collectors.toMap(OrderLine::productId, OrderLine::quantity));
        return new SoldOut(Arrays.stream(told.split(",", 0))
                .map(part -> {
                    int colon = part.indexOf(':');
                    long productId = Long.parseLong(part.substring(0, colon));
                    int available = Integer.parseInt(part.substring(colon + 1));
                    return new Shortage(productId, wanted.getOrDefault(productId, 0), available);
                })
                .toList());
    }
}

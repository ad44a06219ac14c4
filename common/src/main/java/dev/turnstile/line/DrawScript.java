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
import org.jspecify.annotations.Nullable;

/** Draws tickets for several orders in one call, in their order. */
final class DrawScript {

    private static final RedisScript DRAW = RedisScript.load("line", "requests", "line-draw");

    private static final String KNOWN = "KNOWN";
    private static final String OTHER = "OTHER";

    /** Before the digest of a request whose order the ledger does not know. */
    private static final String UNDECIDED = "+";

    /** Before a ticket that another draw made. */
    private static final String STOOD = "=";

    private final LineRedis redis;
    private final String drawer;
    private final RequestLimits requests;

    /**
     * Creates a script.
     *
     * @param drawer who draws here
     * @param requests what is remembered of requests under idempotency keys
     */
    DrawScript(LineRedis redis, String drawer, RequestLimits requests) {
        this.redis = redis;
        this.drawer = drawer;
        this.requests = requests;
    }

    /**
     * An order that is to draw.
     *
     * @param key its request, if it came under an idempotency key
     */
    record Drawing(Order order, @Nullable RequestKey key) {}

    /** What came of the draw for one order. */
    sealed interface Result {}

    /** It has this ticket. */
    record Drawn(Draw draw) implements Result {}

    /** It has none: the line is full with so many. */
    record Full(long waiting) implements Result {}

    /** It has none: this is short. */
    record SoldOut(List<Shortage> shortages) implements Result {}

    /** It has none: a request under its key came before. */
    record Seen(boolean same) implements Result {}

    /**
     * Draws for orders that have no ticket yet, as long as the line has room. Nothing leaves the line meanwhile: behind
     * one that found it full, no order gets a new ticket.
     *
     * @param maxWaiting how many orders may be in the line
     * @param stockBelievedFor how long after its confirmation cached stock may reject an order; 0 disables early
     *     rejection
     */
    CompletionStage<List<Result>> run(List<Drawing> drawings, int maxWaiting, Duration stockBelievedFor) {
        QueueKeys keys = QueueKeys.withStock(
                LineKeys.STATE,
                LineKeys.ORDERS,
                LineKeys.TICKETS,
                LineKeys.UNPARKED,
                LineKeys.REFUSED,
                LineKeys.REQUESTS,
                LineKeys.REQUEST_AGES);
        Map<List<OrderLine>, Integer> wants = new LinkedHashMap<>();
        StringJoiner wantOfEach = new StringJoiner(",");
        List<Object> records = new ArrayList<>(4 * drawings.size());
        for (Drawing drawing : drawings) {
            Order order = drawing.order();
            RequestKey key = drawing.key();
            wantOfEach.add(wants.computeIfAbsent(order.lines(), lines -> wants.size() + 1)
                    .toString());
            records.add(order.id());
            records.add(TicketRecord.of(order, drawer));
            records.add(key == null ? "" : key.id());
            records.add(key == null ? "" : (key.undecided() ? UNDECIDED : "") + key.digest());
        }
        List<Object> arguments = new ArrayList<>(6 + records.size());
        arguments.add(maxWaiting);
        arguments.add(stockBelievedFor.toMillis());
        arguments.add(wants.keySet().stream().map(lines -> want(lines, keys)).collect(Collectors.joining(" ")));
        arguments.add(wantOfEach);
        arguments.add(requests.most());
        arguments.add(requests.memory().toMillis());
        arguments.addAll(records);
        return redis.run(DRAW, keys.all(), arguments.toArray()).thenApply(answer -> IntStream.range(0, drawings.size())
                .mapToObj(i -> result(drawings.get(i).order(), answer.get(i + 1).toString(), (Long) answer.get(0)))
                .toList());
    }

    private static String want(List<OrderLine> lines, QueueKeys keys) {
        return keys.positions(lines.stream().map(OrderLine::productId).toList()) + ":"
                + lines.stream().map(line -> Integer.toString(line.quantity())).collect(Collectors.joining(","));
    }

    private static Result result(Order order, String told, long waiting) {
        if (told.isEmpty()) {
            return new Full(waiting);
        }
        if (told.equals(KNOWN) || told.equals(OTHER)) {
            return new Seen(told.equals(KNOWN));
        }
        if (!told.endsWith(",")) {
            boolean stood = told.startsWith(STOOD);
            return new Drawn(new Draw(Ticket.parse(stood ? told.substring(STOOD.length()) : told), !stood));
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

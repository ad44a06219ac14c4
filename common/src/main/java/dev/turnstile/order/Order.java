package dev.turnstile.order;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.turnstile.trace.TraceParent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An accepted order, as it travels over Kafka and waits in the ticket line.
 *
 * @param id unique for ever; an order is applied once under it, however often it is delivered
 * @param mode how it takes the right to the stock
 * @param lines one per product, ascending by product id
 * @param acceptedAt when the API accepted it, by the API's clock; evidence only, nothing is ordered by it
 * @param replyTo where the outcome is awaited, or null if no request waits
 * @param replayRun the run of a replay that made it, or null for a customer's order
 * @param traceParent where its trace stands ({@link TraceParent}), or null if it is not traced
 */
public record Order(
        UUID id,
        Mode mode,
        List<OrderLine> lines,
        Instant acceptedAt,
        @Nullable ReplyAddress replyTo,
        @Nullable String replayRun,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String traceParent) {

    /** The most lines a request may have. */
    public static final int MAX_LINES = 50;

    /** The first instant at which an order may have been accepted: before it there was no such clock. */
    public static final Instant FIRST = Instant.EPOCH;

    /** The first instant that is too late: milliseconds that were taken for seconds are far behind it. */
    public static final Instant END = Instant.parse("2200-01-01T00:00:00Z");

    /** What the ledger keeps of the name of a run: visible ASCII characters. */
    private static final Pattern REPLAY_RUN = Pattern.compile("[!-~]{1,64}");

    /**
     * Adds lines of the same product together and sorts them by product.
     *
     * @throws NullPointerException if a part is missing that is not nullable
     * @throws IllegalArgumentException if there are no lines or more than {@link #MAX_LINES}, if it was not accepted
     *     between {@link #FIRST} and {@link #END}, or if the run has not 1 to 64 visible ASCII characters
     */
    public Order {
        // what comes off the wire may lack anything
        requireNonNull(id, "an order needs an id");
        requireNonNull(mode, "an order needs a mode");
        requireNonNull(lines, "an order needs lines");
        requireNonNull(acceptedAt, "an order needs acceptedAt");
        if (lines.isEmpty() || lines.size() > MAX_LINES) {
            throw new IllegalArgumentException("an order has 1 to " + MAX_LINES + " lines, not " + lines.size());
        }
        if (acceptedAt.isBefore(FIRST) || !acceptedAt.isBefore(END)) {
            throw new IllegalArgumentException("acceptedAt must be between " + FIRST + " and " + END);
        }
        if (replayRun != null && !REPLAY_RUN.matcher(replayRun).matches()) {
            throw new IllegalArgumentException("replayRun must have 1 to 64 visible ASCII characters");
        }
        lines = merged(lines);
        traceParent = TraceParent.sampledOrNull(traceParent);
    }

    /** An order that is not traced. */
    public Order(
            UUID id,
            Mode mode,
            List<OrderLine> lines,
            Instant acceptedAt,
            @Nullable ReplyAddress replyTo,
            @Nullable String replayRun) {
        this(id, mode, lines, acceptedAt, replyTo, replayRun, null);
    }

    /** The same order, from there on in its trace. */
    public Order traced(@Nullable String from) {
        return new Order(id, mode, lines, acceptedAt, replyTo, replayRun, from);
    }

    /** The ids of the products it wants, ascending. */
    public List<Long> productIds() {
        if (lines.size() == 1) {
            return List.of(lines.get(0).productId()); // most have one, and this is asked for often
        }
        return lines.stream().map(OrderLine::productId).toList();
    }

    /** Lines of the same product added together, sorted by product. */
    public static List<OrderLine> merged(List<OrderLine> lines) {
        if (lines.size() == 1) {
            return List.copyOf(lines);
        }
        Map<Long, Integer> quantities = new TreeMap<>();
        for (OrderLine line : lines) {
            quantities.merge(line.productId(), line.quantity(), Math::addExact);
        }
        return quantities.entrySet().stream()
                .map(entry -> new OrderLine(entry.getKey(), entry.getValue()))
                .toList();
    }
}

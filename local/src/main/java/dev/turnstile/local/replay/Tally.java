package dev.turnstile.local.replay;

import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What was sent and what came of it. Safe for use by any thread.
 *
 * <p>It holds the most of orders in flight, and their number is bounded: the sender waits for room. Of every
 * order that was sent it keeps the recorded id and the outcome, 17 bytes.
 */
final class Tally {

    /** Orders that may be under way at once; a schedule that is faster than the system runs late beyond it. */
    static final int MOST_UNDER_WAY = 100_000;

    private static final long LONGEST_NANOS = 3_600_000_000_000L;
    private static final double NANOS_PER_MS = 1e6;
    private static final byte NO_OUTCOME = -1;

    private record UnderWay(int number, long dueNanos, List<OrderLine> lines) {}

    private final int mostUnderWay;
    private final Map<UUID, UnderWay> underWay = new HashMap<>();
    private final StockSeen stocks = new StockSeen();
    private final List<String> statuses = new ArrayList<>();
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private long[] recordedIds = new long[2048];
    private byte[] outcomes = new byte[1024];
    private int sent;
    private long notSent;
    private long answered;
    private long found;
    private @Nullable String firstProblem;
    private long lastAnswerNanos;

    /**
     * How long orders took, from when they were due.
     *
     * @param count of how many
     * @param p50Ms half of them took no longer
     * @param p99Ms 99 of 100
     * @param p999Ms 999 of 1000
     * @param maxMs the slowest
     */
    record Latency(long count, double p50Ms, double p99Ms, double p999Ms, double maxMs) {}

    /**
     * An order that was sent.
     *
     * @param recordedId the id that it was recorded with
     * @param status its outcome, or null if it has none that is known
     */
    record Sent(UUID recordedId, @Nullable String status) {}

    Tally(int mostUnderWay) {
        this.mostUnderWay = mostUnderWay;
    }

    synchronized boolean hasRoom() {
        return underWay.size() < mostUnderWay;
    }

    /**
     * Notes an order that is about to be sent.
     *
     * @param dueNanos when it was due; its latency counts from there
     */
    synchronized void sending(UUID recordedId, Order order, long dueNanos) {
        if (sent == outcomes.length) {
            outcomes = Arrays.copyOf(outcomes, 2 * sent);
            recordedIds = Arrays.copyOf(recordedIds, 4 * sent);
        }
        recordedIds[2 * sent] = recordedId.getMostSignificantBits();
        recordedIds[2 * sent + 1] = recordedId.getLeastSignificantBits();
        outcomes[sent] = NO_OUTCOME;
        underWay.put(order.id(), new UnderWay(sent, dueNanos, order.lines()));
        sent++;
    }

    /** Notes that the broker did not take an order, as far as is known. */
    synchronized void notSent(UUID orderId, String problem) {
        if (underWay.remove(orderId) != null) {
            notSent++;
            if (firstProblem == null) {
                firstProblem = problem;
            }
        }
    }

    /** Notes an outcome; a repeated one, or one of an unknown order, is ignored. */
    synchronized void answered(UUID orderId, Outcome outcome, long nowNanos) {
        UnderWay order = settle(orderId, outcome);
        if (order != null) {
            answered++;
            lastAnswerNanos = nowNanos;
            latencies.recordValue(Math.min(Math.max(0, nowNanos - order.dueNanos()), LONGEST_NANOS));
        }
    }

    /** Notes an outcome that was found in the ledger, and whose answer did not come. */
    synchronized void found(UUID orderId, Outcome outcome) {
        if (settle(orderId, outcome) != null) {
            found++;
        }
    }

    private @Nullable UnderWay settle(UUID orderId, Outcome outcome) {
        UnderWay order = underWay.remove(orderId);
        if (order != null) {
            String status = outcome.status();
            if (!statuses.contains(status)) {
                statuses.add(status);
            }
            outcomes[order.number()] = (byte) statuses.indexOf(status);
            stocks.see(order.lines(), outcome);
        }
        return order;
    }

    /** How many were sent, or tried to be. */
    synchronized int sent() {
        return sent;
    }

    /** How many of them the broker did not take. */
    synchronized long notSent() {
        return notSent;
    }

    /** Why the first of them was not taken, or null. */
    synchronized @Nullable String firstProblem() {
        return firstProblem;
    }

    /** How many outcomes came. */
    synchronized long answered() {
        return answered;
    }

    /** How many outcomes were found in the ledger alone. */
    synchronized long found() {
        return found;
    }

    /** When the last outcome came. */
    synchronized long lastAnswerNanos() {
        return lastAnswerNanos;
    }

    /** The orders that were sent and have no outcome yet. */
    synchronized Collection<UUID> underWay() {
        return List.copyOf(underWay.keySet());
    }

    synchronized int countUnderWay() {
        return underWay.size();
    }

    synchronized Latency latency() {
        return new Latency(
                latencies.getTotalCount(),
                latencies.getValueAtPercentile(50) / NANOS_PER_MS,
                latencies.getValueAtPercentile(99) / NANOS_PER_MS,
                latencies.getValueAtPercentile(99.9) / NANOS_PER_MS,
                latencies.getMaxValue() / NANOS_PER_MS);
    }

    /** How many orders have each outcome. */
    synchronized Map<String, Long> countsByStatus() {
        Map<String, Long> counts = new TreeMap<>();
        for (int i = 0; i < sent; i++) {
            if (outcomes[i] != NO_OUTCOME) {
                counts.merge(statuses.get(outcomes[i]), 1L, Long::sum);
            }
        }
        return counts;
    }

    /** What the outcomes say about the stock. */
    synchronized StockSeen stocks() {
        return stocks;
    }

    /** Some of the orders that were sent, in the order of sending. */
    synchronized List<Sent> page(int from, int most) {
        List<Sent> page = new ArrayList<>();
        for (int i = from; i < Math.min(from + most, sent); i++) {
            page.add(new Sent(
                    new UUID(recordedIds[2 * i], recordedIds[2 * i + 1]),
                    outcomes[i] == NO_OUTCOME ? null : statuses.get(outcomes[i])));
        }
        return page;
    }
}

package dev.turnstile.local.replay;

import dev.turnstile.local.replay.Recording.Passed;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a replay would send.
 *
 * @param passed what was read
 * @param partitions how many partitions have records in the range
 * @param orders how many orders would be sent
 * @param first when the first was recorded, null without any
 * @param last when the last was recorded
 * @param planned how long the sending would take, ms
 * @param gapP50Ms half of the recorded gaps are no longer
 * @param gapP99Ms 99 of 100
 * @param gapMaxMs the longest
 * @param products how many products there are
 * @param topProducts those of which the most is wanted, with the pieces
 * @param targets where the orders would go
 */
public record Preview(
        Passed passed,
        int partitions,
        long orders,
        @Nullable Instant first,
        @Nullable Instant last,
        double planned,
        long gapP50Ms,
        long gapP99Ms,
        long gapMaxMs,
        int products,
        List<Pieces> topProducts,
        List<String> targets) {

    private static final int SHOWN = 10;

    /**
     * What is wanted of a product.
     *
     * @param productId the product
     * @param pieces in all orders
     */
    record Pieces(long productId, long pieces) {}

    static Preview of(ReplayPlan plan, Recording recording, Stop stop) {
        Pace pace = new Pace(plan.speed(), plan.maxRate());
        Histogram gaps = new Histogram(3);
        Map<Long, Long> pieces = new HashMap<>();
        Set<Mode> modes = EnumSet.noneOf(Mode.class);
        long orders = 0;
        long firstMs = 0;
        long lastMs = 0;
        long dueNanos = 0;
        long most = plan.maxCount() == null ? Long.MAX_VALUE : plan.maxCount();
        TopicOrder recorded;
        while (orders < most && !stop.requested() && (recorded = recording.next()) != null) {
            if (orders == 0) {
                firstMs = recorded.timestampMs();
            } else {
                gaps.recordValue(Math.max(0, recorded.timestampMs() - lastMs));
            }
            orders++;
            lastMs = Math.max(lastMs, recorded.timestampMs());
            dueNanos = pace.nextNanos(recorded.timestampMs());
            modes.add(plan.mode(recorded.order().mode()));
            for (OrderLine line : recorded.order().lines()) {
                pieces.merge(line.productId(), (long) line.quantity(), Long::sum);
            }
        }
        List<Pieces> top = pieces.entrySet().stream()
                .map(entry -> new Pieces(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Pieces::pieces).reversed().thenComparingLong(Pieces::productId))
                .limit(SHOWN)
                .toList();
        return new Preview(
                recording.passed(),
                recording.partitions(),
                orders,
                orders == 0 ? null : Instant.ofEpochMilli(firstMs),
                orders == 0 ? null : Instant.ofEpochMilli(lastMs),
                dueNanos / 1e6,
                gaps.getValueAtPercentile(50),
                gaps.getValueAtPercentile(99),
                gaps.getMaxValue(),
                pieces.size(),
                top,
                modes.stream().map(ReplayPlan::topicOf).toList());
    }
}

package dev.turnstile.api.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.turnstile.line.WorkerReport;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The system at a moment.
 *
 * @param instance the API that reports
 * @param crowd whether the page may send a crowd
 * @param trouble what can't be looked at now, or null
 * @param line null when the line's Redis does not answer
 * @param orders those that were decided since the last view, by their commits; to a new watcher the last few hundred
 * @param perSecond orders that were decided in a second lately, by mode and outcome
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LiveView(
        int instance,
        boolean crowd,
        @Nullable String trouble,
        @Nullable LineView line,
        List<LiveStock> stocks,
        List<WorkerView> workers,
        List<LiveOrder> orders,
        Map<Mode, Map<String, Double>> perSecond) {

    /**
     * The line.
     *
     * @param waiting orders in it
     * @param parked those of them that a worker has consumed
     * @param head the number of the first ticket in the queues that are shown, or null
     * @param perSecond orders that leave it in a second while it is not empty
     * @param waitMs expected wait of an order that arrives now, if the line keeps its pace; null if unknown
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LineView(
            long waiting,
            long parked,
            @Nullable Long head,
            double perSecond,
            @Nullable Long waitMs) {}

    /**
     * A product.
     *
     * @param cached null where nothing is cached
     * @param waiting orders in its queue
     * @param holder the worker that decides its fair orders just now, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LiveStock(
            long productId,
            int quantity,
            @Nullable Integer cached,
            long waiting,
            @Nullable String holder) {}

    /**
     * A worker.
     *
     * @param holds products whose fair orders it decides just now
     */
    record WorkerView(String id, List<Long> holds, WorkerReport report) {}

    /**
     * A decided order. It has no id: who knows that may cancel it.
     *
     * @param ticket its number in its epoch, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record LiveOrder(
            long commit,
            Mode mode,
            String status,
            List<OrderLine> lines,
            @Nullable Long ticket,
            boolean overtaken) {}
}

package dev.turnstile.api.order;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Shortage;
import dev.turnstile.order.StockLevel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An order as the API returns it; members that do not apply are left out.
 *
 * @param orderId the order
 * @param mode how it was decided; left out while it waits
 * @param status WAITING, or the name of the outcome
 * @param ticket its ticket, in fair mode
 * @param place its place in the line while it waits, 1 at the head; the longest of its queues counts
 * @param estimatedWaitMs how long it will still wait, if the line goes on at the pace of the last seconds
 * @param stocks what remained after it, if it was fulfilled
 * @param shortages what was missing, if it was out of stock
 * @param productIds the products that are not known, if that was why
 * @param detail the outcome in words, if it was not fulfilled
 * @param decidedAt when it was decided
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record OrderView(
        UUID orderId,
        @Nullable Mode mode,
        String status,
        @Nullable Long ticket,
        @Nullable Long place,
        @Nullable Long estimatedWaitMs,
        @Nullable List<StockLevel> stocks,
        @Nullable List<Shortage> shortages,
        @Nullable List<Long> productIds,
        @Nullable String detail,
        @Nullable Instant decidedAt) {

    static final String WAITING = "WAITING";

    static OrderView waiting(
            UUID orderId, @Nullable Ticket ticket, @Nullable QueuePosition place, @Nullable Duration estimate) {
        return new OrderView(
                orderId,
                null,
                WAITING,
                ticket == null ? null : ticket.number(),
                place == null ? null : place.ahead() + 1,
                estimate == null ? null : estimate.toMillis(),
                null,
                null,
                null,
                null,
                null);
    }

    /** A decision with all that is known of it. */
    static OrderView of(Decision decision) {
        return of(decision, decision.decidedAt());
    }

    /** The answer to the request that ordered. */
    static OrderView fulfilled(Decision decision) {
        return of(decision, null);
    }

    private static OrderView of(Decision decision, @Nullable Instant decidedAt) {
        OutcomeProblem meaning = OutcomeProblem.of(decision.outcome());
        return new OrderView(
                decision.orderId(),
                decision.mode(),
                decision.outcome().status(),
                decision.ticket(),
                null,
                null,
                meaning.stocks(),
                meaning.shortages(),
                meaning.productIds(),
                meaning.detail(),
                decidedAt);
    }
}

package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Shortage;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The result of submitting an order. */
sealed interface IntakeResult {

    /** It is decided. */
    record Decided(Decision decision) implements IntakeResult {}

    /**
     * It is accepted and will be decided, but not within the wait.
     *
     * @param ticket its ticket, or null in distributed mode
     * @param place its position in the line; null in distributed mode, and if the line did not return it
     * @param estimate how long it will still wait there; null where that is not known
     */
    record Waiting(
            UUID orderId,
            @Nullable Ticket ticket,
            @Nullable QueuePosition place,
            @Nullable Duration estimate) implements IntakeResult {}

    /**
     * It came under an idempotency key, and is not accepted yet: the ledger has to say first whether it is decided. No
     * client gets this result.
     *
     * @param repeated whether the request was sent before; else that is not known
     */
    record AskLedger(UUID orderId, boolean repeated) implements IntakeResult {}

    /**
     * It is not accepted: what the ledger holds does not serve it. It never joined the line, so it has no outcome.
     *
     * @param mode the order's
     * @param shortages what is short
     */
    record SoldOut(Mode mode, List<Shortage> shortages) implements IntakeResult {}

    /**
     * It is not accepted.
     *
     * @param problem why
     * @param reason why, for people
     * @param inDoubt whether it may have been published all the same: the client should look before it orders again
     */
    record NotAccepted(UUID orderId, ProblemType problem, String reason, boolean inDoubt) implements IntakeResult {}
}

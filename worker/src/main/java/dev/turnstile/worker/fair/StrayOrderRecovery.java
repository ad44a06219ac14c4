package dev.turnstile.worker.fair;

import dev.turnstile.line.LineHead;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderLog;
import dev.turnstile.stock.Ledger;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.reply.ReplySender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds orders that are kept here and not parked under this worker's name: decided ones are answered, again if need be,
 * and are done; the others are added to the line again, each at its old ticket.
 *
 * <p>Safe for use by any thread; what two threads do at once is done once.
 */
final class StrayOrderRecovery {

    private static final Logger log = LoggerFactory.getLogger(StrayOrderRecovery.class);

    /** Kept orders that are looked after at once. */
    static final int AT_ONCE = 1000;

    private final InFlightOrders<TicketedOrder> kept;
    private final LineHead head;
    private final Ledger ledger;
    private final ReplySender replies;
    private final DecisionTelemetry watch;

    StrayOrderRecovery(
            InFlightOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            ReplySender replies,
            DecisionTelemetry watch) {
        this.kept = kept;
        this.head = head;
        this.ledger = ledger;
        this.replies = replies;
        this.watch = watch;
    }

    /**
     * Looks after some orders.
     *
     * @return whether some of them are in the line again
     * @throws java.util.concurrent.CompletionException if the line does not answer
     * @throws org.springframework.dao.DataAccessException if the ledger does not
     */
    boolean readmit(List<TicketedOrder> orders) {
        List<TicketedOrder> astray = head.astray(orders).toCompletableFuture().join();
        if (astray.isEmpty()) {
            return false;
        }
        Map<UUID, Decision> decisions =
                ledger.find(astray.stream().map(parking -> parking.order().id()).toList());
        watch.foundDecided(decisions.values());
        List<TicketedOrder> undecided = new ArrayList<>();
        for (TicketedOrder parking : astray) {
            Decision decision = decisions.get(parking.order().id());
            if (decision == null) {
                undecided.add(parking);
            } else {
                answer(parking, decision);
            }
        }
        if (undecided.isEmpty()) {
            return false;
        }
        log.info("{} undecided orders are in the line again", undecided.size());
        head.rejoin(undecided).toCompletableFuture().join();
        return true;
    }

    /** Readmits all orders that are kept here now. */
    void readmitAll() {
        long next = 0;
        do {
            InFlightOrders.Page<TicketedOrder> page = kept.page(next, AT_ONCE);
            readmit(page.orders());
            next = page.next();
        } while (next != 0);
    }

    private void answer(TicketedOrder parking, Decision decision) {
        long since = kept.moment();
        replies.send(decision, parking.order().replyTo(), parking.order().traceParent(), true)
                .thenRun(() -> kept.done(List.of(parking.order()), since))
                .exceptionally(failure -> {
                    OrderLog.about(log.atWarn(), parking.order(), decision.ticket())
                            .log(
                                    "the outcome of order {} could not be sent: {}",
                                    decision.orderId(),
                                    failure.toString());
                    return null;
                });
    }
}

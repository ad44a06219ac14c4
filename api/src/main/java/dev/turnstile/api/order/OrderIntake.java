package dev.turnstile.api.order;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import dev.turnstile.api.order.ArrivalOrder.Arrival;
import dev.turnstile.api.order.IntakeResult.AskLedger;
import dev.turnstile.api.order.IntakeResult.Decided;
import dev.turnstile.api.order.IntakeResult.NotAccepted;
import dev.turnstile.api.order.IntakeResult.SoldOut;
import dev.turnstile.api.order.IntakeResult.Waiting;
import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.line.Draw;
import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineFullException;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.line.RequestKey;
import dev.turnstile.line.RequestSeenException;
import dev.turnstile.line.SoldOutException;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderLog;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.trace.TraceParent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes orders in: draws the ticket (fair mode), publishes, and waits for the outcome without a thread.
 *
 * <p>An order is accepted when it is published. A fair order whose ticket was drawn but that could not be published
 * leaves the line again; where the broker did not say whether it has the order, the line keeps it if a worker has
 * already met it, and the client gets the address of its order.
 */
final class OrderIntake {

    private static final Logger log = LoggerFactory.getLogger(OrderIntake.class);

    /** The answer to a client whose key was used for another order. */
    static final String REUSED =
            "The key of " + IdempotencyKey.HEADER + " was used for another order; take a new key for a new order.";

    // what Redis says is long, and a crowd sends thousands of orders a second while it is down
    private final FailureLog noTickets = new FailureLog(log, "drawing tickets");
    private final FailureLog notTakenOut = new FailureLog(log, "withdrawing tickets of unpublished orders");

    private final LineClient line;
    private final LineThroughput pace;
    private final LineAdmission lineAdmission;
    private final StockAdmission door;
    private final IdempotencyStore memory;
    private final OptionalRedisCalls redis;
    private final ArrivalOrder arrivals;
    private final OrderPublisher publisher;
    private final WaitingRequests waiting;
    private final ReplyTo replyTo;
    private final Clock clock;
    private final TimeOrderedEpochFactory orderIds;

    OrderIntake(
            LineClient line,
            LineThroughput pace,
            LineAdmission lineAdmission,
            StockAdmission door,
            IdempotencyStore memory,
            OptionalRedisCalls redis,
            ArrivalOrder arrivals,
            OrderPublisher publisher,
            WaitingRequests waiting,
            ReplyTo replyTo,
            Clock clock) {
        this.line = line;
        this.pace = pace;
        this.lineAdmission = lineAdmission;
        this.door = door;
        this.memory = memory;
        this.redis = redis;
        this.arrivals = arrivals;
        this.publisher = publisher;
        this.waiting = waiting;
        this.replyTo = replyTo;
        this.clock = clock;
        this.orderIds = new TimeOrderedEpochFactory(clock);
    }

    /**
     * How an order that came under an idempotency key was received.
     *
     * @param repeated whether the request was sent before
     * @param unproven whether the ledger has to say if that was the same request: nothing else remembers the first one
     */
    record Received(IntakeResult reception, boolean repeated, boolean unproven) {}

    /** An order on its way in. */
    private record Submission(
            Order order,
            @Nullable RequestKey key,
            @Nullable Arrival arrival,
            WaitingRequest request,
            Duration patience,
            long start) {

        Duration waitLeft() {
            return patience.minusNanos(System.nanoTime() - start);
        }
    }

    /**
     * Hands in an order.
     *
     * @param wait how long to wait for the outcome, from now
     * @param arrival of the request, where its order counts, else null
     * @return completes once, never exceptionally, at the latest when the wait is over and acceptance is settled
     */
    CompletionStage<IntakeResult> submit(Mode mode, List<OrderLine> lines, Duration wait, @Nullable Arrival arrival) {
        return submit(orderIds.create(), "", null, mode, lines, wait, arrival).thenApply(Received::reception);
    }

    /**
     * Submits an order that has an id and may be submitted again under it: it remains one order. Of those that are
     * submitted here at once, one is published.
     *
     * @param digest of the request: one that differs from one that waits here under the same id is refused
     * @param key what the line is to remember, or null
     */
    CompletionStage<Received> submit(
            UUID orderId,
            String digest,
            @Nullable RequestKey key,
            Mode mode,
            List<OrderLine> lines,
            Duration wait,
            @Nullable Arrival arrival) {
        long start = System.nanoTime();
        Order order = new Order(orderId, mode, lines, clock.instant(), replyTo.address(), null, TraceParent.current());
        Optional<WaitingRequest> registered = waiting.register(order.id(), digest);
        if (registered.isEmpty()) {
            IntakeResult refused = unavailable(
                    order, "This instance is stopping, or has reached its limit of waiting requests.", false);
            return completed(new Received(refused, false, false));
        }
        WaitingRequest request = registered.get();
        Submission submission = new Submission(order, key, arrival, request, wait, start);
        WaitingRequest leader = request.leader();
        if (leader == null) {
            switch (mode) {
                case FAIR -> drawAndPublish(submission);
                case DISTRIBUTED -> lookAndPublish(submission);
            }
        } else if (leader.digest().equals(digest)) {
            follow(leader, submission);
        } else {
            request.end(reused(order));
        }
        return request.end()
                .thenCompose(reception -> reception instanceof Waiting waits ? told(mode, waits) : completed(reception))
                .thenApply(reception ->
                        new Received(reception, request.isRepeated(reception), request.isUnproven(reception)));
    }

    /** The answer to a client whose order waits; from then on any instance can return its state. */
    private CompletionStage<IntakeResult> told(Mode mode, Waiting order) {
        return switch (mode) {
            case FAIR -> withPlace(order);
            case DISTRIBUTED -> redis.ask(() -> memory.accept(order.orderId())).thenApply(done -> order);
        };
    }

    private void lookAndPublish(Submission submission) {
        Order order = submission.order();
        door.shortages(order.lines()).thenAccept(shortages -> {
            if (shortages.isEmpty()) {
                claimAndPublish(submission);
            } else {
                submission.request().end(new SoldOut(Mode.DISTRIBUTED, shortages));
            }
        });
    }

    private void claimAndPublish(Submission submission) {
        RequestKey key = submission.key();
        if (key == null) {
            publish(submission, null);
            return;
        }
        UUID orderId = submission.order().id();
        CompletionStage<Optional<IdempotencyStore.Claim>> claimed = redis.ask(() -> memory.claim(key));
        if (key.undecided()) { // it goes in whatever is remembered, and does not wait for that
            publish(submission, null);
            return;
        }
        claimed.thenAccept(claim -> {
            if (claim.isEmpty()) {
                submission.request().end(new AskLedger(orderId, false));
                return;
            }
            switch (claim.get()) {
                case FIRST -> publish(submission, null);
                case SAME -> submission.request().end(new AskLedger(orderId, true));
                case OTHER -> submission.request().end(reused(submission.order()));
            }
        });
    }

    private void follow(WaitingRequest leader, Submission submission) {
        WaitingRequest request = submission.request();
        // The outcome may have arrived before this request was registered.
        leader.end().thenAccept(reception -> {
            if (reception instanceof Decided) {
                request.end(reception);
            }
        });
        leader.settled().thenAccept(refusal -> {
            Draw drawn = leader.drawn();
            if (drawn != null) {
                request.drawn(drawn);
            }
            refusal.ifPresentOrElse(request::end, () -> waiting.published(request, submission.waitLeft()));
        });
    }

    private void drawAndPublish(Submission submission) {
        Order order = submission.order();
        WaitingRequest request = submission.request();
        Arrival arrival = submission.arrival();
        int room = lineAdmission.room();
        Supplier<CompletionStage<Draw>> drawing = () -> line.asked(asked -> asked.draw(order, room, submission.key()));
        CompletionStage<Draw> draw = arrival == null ? drawing.get() : arrivals.inTurn(arrival, drawing);
        line.bounded(draw).whenComplete((drawn, failure) -> {
            if (failure == null) {
                noTickets.succeeded();
                request.drawn(drawn);
                publish(submission, drawn);
            } else if (AsyncFailures.cause(failure) instanceof LineFullException full) {
                lineAdmission.full(full.waiting());
                Problem refusal = LineAdmission.refusal(full.waiting());
                request.end(new NotAccepted(order.id(), refusal.type(), refusal.detail(), false));
            } else if (AsyncFailures.cause(failure) instanceof SoldOutException soldOut) {
                request.end(new SoldOut(Mode.FAIR, soldOut.shortages()));
            } else if (AsyncFailures.cause(failure) instanceof RequestSeenException seen) {
                request.end(seen.same() ? new AskLedger(order.id(), true) : reused(order));
            } else {
                noTickets.failed(describe(order, failure));
                draw.whenComplete((late, lateFailure) -> cancel(order)); // its ticket may be drawn all the same
                request.end(unavailable(order, "The ticket line does not answer.", false));
            }
        });
    }

    private void publish(Submission submission, @Nullable Draw drawn) {
        Order order = submission.order();
        WaitingRequest request = submission.request();
        Ticket ticket = drawn == null ? null : drawn.ticket();
        publisher.publish(order, ticket).whenComplete((published, failure) -> {
            if (failure == null) {
                waiting.published(request, submission.waitLeft());
                return;
            }
            OrderLog.about(log.atWarn(), order, ticket == null ? null : ticket.number())
                    .log(
                            "order {} could not be published: {}",
                            order.id(),
                            AsyncFailures.cause(failure).toString());
            NotAccepted answer = unavailable(order, "The order could not be published in time.", true);
            // a ticket that another request drew under the same key stays: that one's record may be published
            CompletionStage<?> left = drawn != null && drawn.made() ? cancel(order) : completed(true);
            left.whenComplete((cancelled, cancelFailure) -> request.end(answer));
        });
    }

    private static String describe(Order order, Throwable failure) {
        return "order " + order.id() + ", " + LedgerFailure.describe(AsyncFailures.cause(failure));
    }

    private CompletionStage<Boolean> cancel(Order order) {
        return line.call(asked -> asked.cancel(order)).whenComplete((cancelled, failure) -> {
            if (failure != null) {
                notTakenOut.failed(describe(order, failure));
            } else {
                notTakenOut.succeeded();
            }
        });
    }

    private CompletionStage<IntakeResult> withPlace(Waiting order) {
        return line.call(asked -> asked.place(order.orderId())).handle((found, failure) -> {
            QueuePosition place = failure == null ? orNull(found) : null;
            Duration estimate = place == null ? null : orNull(pace.wait(place));
            return new Waiting(order.orderId(), order.ticket(), place, estimate);
        });
    }

    private static NotAccepted reused(Order order) {
        return new NotAccepted(order.id(), ProblemType.KEY_REUSED, REUSED, false);
    }

    private static NotAccepted unavailable(Order order, String reason, boolean inDoubt) {
        return new NotAccepted(order.id(), ProblemType.UNAVAILABLE, reason, inDoubt);
    }

    private static <T> @Nullable T orNull(Optional<T> value) {
        return value.orElse(null);
    }

    private static <T> CompletionStage<T> completed(T value) {
        return CompletableFuture.completedStage(value);
    }
}

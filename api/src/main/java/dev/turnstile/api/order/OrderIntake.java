package dev.turnstile.api.order;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import dev.turnstile.api.order.ArrivalOrder.Arrival;
import dev.turnstile.api.order.Reception.Decided;
import dev.turnstile.api.order.Reception.NotAccepted;
import dev.turnstile.api.order.Reception.SoldOut;
import dev.turnstile.api.order.Reception.Waiting;
import dev.turnstile.api.problem.Problem;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.line.LineFullException;
import dev.turnstile.line.LinePace;
import dev.turnstile.line.Place;
import dev.turnstile.line.SoldOutException;
import dev.turnstile.line.Ticket;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderLog;
import dev.turnstile.trace.TraceParent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes orders in: draws the ticket (fair mode), publishes, and waits for the outcome without a thread.
 *
 * <p>An order is accepted when it is published. A fair order whose ticket was drawn but that could not be published leaves
 * the line again; where the broker did not say whether it has the order, the line keeps it if a worker has already met it,
 * and the client is told where to look.
 */
final class OrderIntake {

    private static final Logger log = LoggerFactory.getLogger(OrderIntake.class);

    private final LineCalls line;
    private final LinePace pace;
    private final LineDoor lineDoor;
    private final DistributedDoor door;
    private final ArrivalOrder arrivals;
    private final OrderPublisher publisher;
    private final WaitingRequests waiting;
    private final ReplyTo replyTo;
    private final Clock clock;
    private final TimeOrderedEpochFactory orderIds;

    OrderIntake(
            LineCalls line,
            LinePace pace,
            LineDoor lineDoor,
            DistributedDoor door,
            ArrivalOrder arrivals,
            OrderPublisher publisher,
            WaitingRequests waiting,
            ReplyTo replyTo,
            Clock clock) {
        this.line = line;
        this.pace = pace;
        this.lineDoor = lineDoor;
        this.door = door;
        this.arrivals = arrivals;
        this.publisher = publisher;
        this.waiting = waiting;
        this.replyTo = replyTo;
        this.clock = clock;
        this.orderIds = new TimeOrderedEpochFactory(clock);
    }

    /**
     * Hands in an order.
     *
     * @param wait how long to wait for the outcome, from now
     * @param arrival of the request, where its order counts, else null
     * @return completes once, never exceptionally, at the latest when the wait is over and acceptance is settled
     */
    CompletionStage<Reception> handIn(Mode mode, List<OrderLine> lines, Duration wait, @Nullable Arrival arrival) {
        return handIn(orderIds.create(), mode, lines, wait, arrival);
    }

    /**
     * The same for an order that has an id, and may be handed in again under it: it stays one order. Of those that are handed in
     * here at once, one is published.
     */
    CompletionStage<Reception> handIn(
            UUID orderId, Mode mode, List<OrderLine> lines, Duration wait, @Nullable Arrival arrival) {
        long start = System.nanoTime();
        Order order = new Order(orderId, mode, lines, clock.instant(), replyTo.address(), null, TraceParent.current());
        Optional<WaitingRequest> registered = waiting.register(order.id());
        if (registered.isEmpty()) {
            return completed(
                    unavailable(order, "This instance is stopping, or has as many waiting requests as it may.", false));
        }
        WaitingRequest request = registered.get();
        WaitingRequest leader = request.leader();
        if (leader != null) {
            follow(leader, request, wait, start);
        } else {
            switch (mode) {
                case FAIR -> drawAndPublish(order, arrival, request, wait, start);
                case DISTRIBUTED -> lookAndPublish(order, request, wait, start);
            }
        }
        return request.end()
                .thenCompose(reception -> mode == Mode.FAIR && reception instanceof Waiting waits
                        ? withPlace(waits)
                        : completed(reception));
    }

    private void lookAndPublish(Order order, WaitingRequest request, Duration wait, long start) {
        door.shortages(order.lines()).thenAccept(shortages -> {
            if (shortages.isEmpty()) {
                publish(order, null, request, wait, start);
            } else {
                request.end(new SoldOut(Mode.DISTRIBUTED, shortages));
            }
        });
    }

    private void follow(WaitingRequest leader, WaitingRequest request, Duration wait, long start) {
        // The outcome may have come before this request was among those that are told.
        leader.end().thenAccept(reception -> {
            if (reception instanceof Decided) {
                request.end(reception);
            }
        });
        leader.settled().thenAccept(refusal -> {
            Ticket ticket = leader.ticket();
            if (ticket != null) {
                request.drawn(ticket);
            }
            refusal.ifPresentOrElse(
                    request::end, () -> waiting.published(request, wait.minusNanos(System.nanoTime() - start)));
        });
    }

    private void drawAndPublish(
            Order order, @Nullable Arrival arrival, WaitingRequest request, Duration wait, long start) {
        int room = lineDoor.room();
        CompletionStage<Ticket> draw = arrival == null
                ? line.asked(asked -> asked.draw(order, room))
                : arrivals.inTurn(arrival, () -> line.asked(asked -> asked.draw(order, room)));
        line.bounded(draw).whenComplete((ticket, failure) -> {
            if (failure == null) {
                request.drawn(ticket);
                publish(order, ticket, request, wait, start);
            } else if (cause(failure) instanceof LineFullException full) {
                lineDoor.full(full.waiting());
                Problem refusal = LineDoor.refusal(full.waiting());
                request.end(new NotAccepted(order.id(), refusal.type(), refusal.detail(), false));
            } else if (cause(failure) instanceof SoldOutException soldOut) {
                request.end(new SoldOut(Mode.FAIR, soldOut.shortages()));
            } else {
                OrderLog.about(log.atWarn(), order, null)
                        .log(
                                "order {} got no ticket: {}",
                                order.id(),
                                cause(failure).toString());
                draw.whenComplete((late, lateFailure) -> cancel(order)); // its ticket may be drawn all the same
                request.end(unavailable(order, "The ticket line does not answer.", false));
            }
        });
    }

    private void publish(Order order, @Nullable Ticket ticket, WaitingRequest request, Duration wait, long start) {
        publisher.publish(order, ticket).whenComplete((published, failure) -> {
            if (failure == null) {
                waiting.published(request, wait.minusNanos(System.nanoTime() - start));
                return;
            }
            OrderLog.about(log.atWarn(), order, ticket == null ? null : ticket.number())
                    .log(
                            "order {} could not be published: {}",
                            order.id(),
                            cause(failure).toString());
            NotAccepted answer = unavailable(order, "The order could not be published in time.", true);
            CompletionStage<?> left = ticket == null ? completed(true) : cancel(order);
            left.whenComplete((cancelled, cancelFailure) -> request.end(answer));
        });
    }

    private CompletionStage<Boolean> cancel(Order order) {
        return line.call(asked -> asked.cancel(order)).whenComplete((cancelled, failure) -> {
            if (failure != null) {
                OrderLog.about(log.atWarn(), order, null)
                        .log(
                                "order {} could not be taken out of the line: {}",
                                order.id(),
                                cause(failure).toString());
            }
        });
    }

    private CompletionStage<Reception> withPlace(Waiting order) {
        return line.call(asked -> asked.place(order.orderId())).handle((found, failure) -> {
            Place place = failure == null ? orNull(found) : null;
            Duration estimate = place == null ? null : orNull(pace.wait(place));
            return new Waiting(order.orderId(), order.ticket(), place, estimate);
        });
    }

    private static NotAccepted unavailable(Order order, String reason, boolean inDoubt) {
        return new NotAccepted(order.id(), ProblemType.UNAVAILABLE, reason, inDoubt);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static <T> @Nullable T orNull(Optional<T> value) {
        return value.orElse(null);
    }

    private static <T> CompletionStage<T> completed(T value) {
        return CompletableFuture.completedStage(value);
    }
}

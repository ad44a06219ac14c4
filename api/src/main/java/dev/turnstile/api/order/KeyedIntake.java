package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.api.order.ArrivalOrder.Arrival;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.api.stock.LedgerCalls;
import dev.turnstile.line.RequestMemory;
import dev.turnstile.line.RequestMemory.Claim;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.RecordedOrder;
import io.opentelemetry.context.Context;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes in orders that carry an idempotency key: however often and through whichever instance one is sent, it is one order with
 * one outcome.
 *
 * <p>That rests on the order's id, which is a function of the key: the line gives it one ticket, and the ledger one outcome. What
 * is asked here before spares a repetition the way through the line, and finds out whether the key was used for something else:
 * the ledger knows that of decided orders, and the line's Redis, as long as it remembers, of the others. Each attempt that ended for
 * the time being ({@link Outcome.Unavailable}) is an order of its own; the next has the next id.
 *
 * <p>An order that is refused at the door has no outcome, so repeating it is another try.
 */
final class KeyedIntake {

    /** Attempts that one query asks for. */
    private static final int ASKED_AT_ONCE = 8;

    private final OrderIntake intake;
    private final ArrivalOrder arrivals;
    private final LedgerCalls ledger;
    private final RequestMemory memory;
    private final BestEffort line;

    KeyedIntake(OrderIntake intake, ArrivalOrder arrivals, LedgerCalls ledger, RequestMemory memory, BestEffort line) {
        this.intake = intake;
        this.arrivals = arrivals;
        this.ledger = ledger;
        this.memory = memory;
        this.line = line;
    }

    /**
     * What a client is told.
     *
     * @param replayed whether the request was sent before
     */
    record Answer(Reception reception, boolean replayed) {}

    private record Request(Mode mode, List<OrderLine> lines) {

        String digest() {
            try {
                byte[] digest =
                        MessageDigest.getInstance("SHA-256").digest(toString().getBytes(UTF_8));
                return HexFormat.of().formatHex(digest, 0, 16);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        void demandSame(RecordedOrder recorded) {
            boolean readable = !recorded.lines().isEmpty();
            if (recorded.decision().mode() != mode
                    || (readable && !recorded.lines().equals(lines))) {
                throw reused();
            }
        }

        static ProblemException reused() {
            return new ProblemException(
                    ProblemType.KEY_REUSED,
                    "The key of " + IdempotencyKey.HEADER
                            + " was used for another order; take a new key for a new order.");
        }
    }

    /** The attempt that a request is: an order that is decided, or one that is not. */
    private record Attempt(UUID orderId, @Nullable Decision decision) {}

    /**
     * Hands in an order.
     *
     * @param wait how long to wait for the outcome, from now
     * @param arrival of the request, where its order counts, else null; it keeps its turn meanwhile
     * @return completes once; fails with {@link ProblemType#KEY_REUSED}, and when the ledger can't be asked
     */
    CompletionStage<Answer> handIn(
            IdempotencyKey key, Mode mode, List<OrderLine> lines, Duration wait, @Nullable Arrival arrival) {
        long start = System.nanoTime();
        Context trace = Context.current(); // what follows runs on other threads
        Request request = new Request(mode, Order.merged(lines));
        if (arrival != null) {
            arrivals.hold(arrival);
        }
        return attempt(key, request, 0)
                .thenCompose(attempt -> {
                    Decision past = attempt.decision();
                    if (past != null) {
                        return CompletableFuture.completedStage(new Answer(new Reception.Decided(past), true));
                    }
                    return isRepeated(attempt.orderId(), request)
                            .thenCompose(trace.wrapFunction((Boolean repeated) -> intake.handIn(
                                            attempt.orderId(),
                                            mode,
                                            request.lines(),
                                            wait.minusNanos(System.nanoTime() - start),
                                            arrival)
                                    .thenCompose(reception -> checked(attempt.orderId(), reception, repeated))));
                })
                .whenComplete((answer, failure) -> {
                    if (arrival != null) {
                        arrivals.giveUp(arrival);
                    }
                });
    }

    private CompletableFuture<Attempt> attempt(IdempotencyKey key, Request request, int first) {
        List<UUID> orderIds = key.orderIds(first, ASKED_AT_ONCE);
        return ledger.call(stored -> stored.recorded(orderIds)).thenCompose(recorded -> {
            for (UUID orderId : orderIds) {
                RecordedOrder order = recorded.get(orderId);
                if (order == null) {
                    return CompletableFuture.completedFuture(new Attempt(orderId, null));
                }
                request.demandSame(order);
                if (!(order.decision().outcome() instanceof Outcome.Unavailable)) {
                    return CompletableFuture.completedFuture(new Attempt(orderId, order.decision()));
                }
            }
            return attempt(key, request, first + ASKED_AT_ONCE);
        });
    }

    private CompletionStage<Boolean> isRepeated(UUID orderId, Request request) {
        return line.ask(() -> memory.claim(orderId, request.digest())).thenApply(told -> {
            Claim claim = told.orElse(Claim.FIRST);
            if (claim == Claim.OTHER) {
                throw Request.reused();
            }
            return claim == Claim.SAME;
        });
    }

    /** No order may be called sold out that was decided, and left the line, while it came to the door once more. */
    private CompletionStage<Answer> checked(UUID orderId, Reception reception, boolean repeated) {
        if (!(reception instanceof Reception.SoldOut)) {
            return CompletableFuture.completedStage(new Answer(reception, repeated));
        }
        return ledger.call(stored -> stored.find(orderId))
                .thenApply(found -> found.map(decision -> new Answer(new Reception.Decided(decision), true))
                        .orElseGet(() -> new Answer(reception, repeated)));
    }
}

package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.api.order.ArrivalOrder.Arrival;
import dev.turnstile.api.order.IntakeResult.NotAccepted;
import dev.turnstile.api.order.OrderIntake.Received;
import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.line.RequestKey;
import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.RecordedOrder;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes in orders that carry an idempotency key: however often and through whichever instance one is sent, it is one
 * order with one outcome.
 *
 * <p>That rests on the order's id, which is a function of the key: the line gives it one ticket, and the ledger one
 * outcome. A new request is submitted like any other and is remembered together with its ticket. The ledger is
 * queried only if the line's Redis remembers the request, if the order would be rejected at admission, or if the
 * outcome turns out to be that of an earlier request. Each attempt that ended for the time being ({@link
 * Outcome.Unavailable}) is an order of its own; the next has the next id.
 *
 * <p>An order that is rejected at admission has no outcome, so repeating it is a new attempt.
 */
final class IdempotentOrderIntake {

    /** Further attempts that one query asks for. */
    private static final int ASKED_AT_ONCE = 8;

    private static final int DIGEST_BYTES = 16;

    private final OrderIntake intake;
    private final OrderIds orderIds;
    private final PastOrders past;

    IdempotentOrderIntake(OrderIntake intake, OrderIds orderIds, PastOrders past) {
        this.intake = intake;
        this.orderIds = orderIds;
        this.past = past;
    }

    /**
     * The answer to a client.
     *
     * @param replayed whether the request was sent before
     */
    record Answer(IntakeResult reception, boolean replayed) {}

    /** A request, and until when it waits. */
    private record Request(
            IdempotencyKey key,
            Mode mode,
            List<OrderLine> lines,
            String digest,
            Duration patience,
            long start,
            Context trace) {

        Duration waitLeft() {
            return patience.minusNanos(System.nanoTime() - start);
        }

        void demandSame(RecordedOrder recorded) {
            boolean readable = !recorded.lines().isEmpty();
            if (recorded.decision().mode() != mode
                    || (readable && !recorded.lines().equals(lines))) {
                throw new ProblemException(ProblemType.KEY_REUSED, OrderIntake.REUSED);
            }
        }
    }

    /** The attempt that a request is: an order that is decided, or one that is not. */
    private record Attempt(UUID orderId, @Nullable Decision decision) {}

    /**
     * Hands in an order.
     *
     * @param wait how long to wait for the outcome, from now
     * @param arrival of the request, where its order counts, else null
     * @return completes once; fails with {@link ProblemType#KEY_REUSED}, and when the ledger has to be asked and can't
     *     be
     */
    CompletionStage<Answer> submit(
            IdempotencyKey key, Mode mode, List<OrderLine> lines, Duration wait, @Nullable Arrival arrival) {
        List<OrderLine> merged = Order.merged(lines);
        Request request =
                new Request(key, mode, merged, digest(mode, merged), wait, System.nanoTime(), Context.current());
        UUID first = orderIds.of(key, 0, 1).get(0);
        return intake.submit(
                        first, request.digest(), new RequestKey(first, request.digest()), mode, merged, wait, arrival)
                .thenCompose(received -> settle(request, received));
    }

    private CompletionStage<Answer> settle(Request request, Received received) {
        IntakeResult reception = received.reception();
        Answer answer = new Answer(reception, received.repeated());
        if (reception instanceof IntakeResult.AskLedger asked) {
            return attempt(request, 0).thenCompose(attempt -> replayed(attempt).orElseGet(() -> {
                boolean same = attempt.orderId().equals(asked.orderId());
                return again(request, attempt.orderId(), same, same && asked.repeated());
            }));
        }
        if (reception instanceof IntakeResult.Decided decided && received.unproven()) {
            return attempt(request, 0).thenCompose(attempt -> replayed(attempt).orElseGet(() -> {
                boolean gone = attempt.orderId().equals(decided.decision().orderId()); // its row is deleted
                return gone ? completed(answer) : again(request, attempt.orderId(), false, false);
            }));
        }
        if (reception instanceof IntakeResult.SoldOut) { // unless the order was decided
            return replayedOr(answer, request);
        }
        if (reception instanceof NotAccepted refused && refused.problem() == ProblemType.LINE_FULL && !past.isBusy()) {
            return replayedOr(answer, request)
                    .exceptionallyCompose(failure -> isReused(failure)
                            ? CompletableFuture.failedStage(failure)
                            : completed(answer)); // to come again later is right in any case
        }
        return completed(answer);
    }

    private CompletionStage<Answer> replayedOr(Answer otherwise, Request request) {
        return attempt(request, 0).thenCompose(attempt -> replayed(attempt).orElseGet(() -> completed(otherwise)));
    }

    private static Optional<CompletionStage<Answer>> replayed(Attempt attempt) {
        return Optional.ofNullable(attempt.decision())
                .map(decision -> completed(new Answer(new IntakeResult.Decided(decision), true)));
    }

    /**
     * Hands in an attempt of which the ledger knows no outcome.
     *
     * @param asked whether that was asked for this attempt because Redis remembers it; it goes in all the same then,
     *     and is remembered again if the memory was lost meanwhile
     */
    private CompletionStage<Answer> again(Request request, UUID orderId, boolean asked, boolean repeated) {
        RequestKey key = new RequestKey(orderId, request.digest(), asked);
        try (Scope inTrace = request.trace().makeCurrent()) {
            return intake.submit(
                            orderId, request.digest(), key, request.mode(), request.lines(), request.waitLeft(), null)
                    .thenCompose(received -> settle(
                            request,
                            new Received(received.reception(), repeated || received.repeated(), received.unproven())));
        }
    }

    /** The first attempt that is not known to have ended for the time being; fails if it was another request's. */
    private CompletionStage<Attempt> attempt(Request request, int first) {
        // hardly a key has a second one
        List<UUID> ids = orderIds.of(request.key(), first, first == 0 ? 1 : ASKED_AT_ONCE);
        return past.find(ids).thenCompose(recorded -> {
            for (UUID orderId : ids) {
                RecordedOrder order = recorded.get(orderId);
                if (order == null) {
                    return CompletableFuture.completedStage(new Attempt(orderId, null));
                }
                request.demandSame(order);
                if (!(order.decision().outcome() instanceof Outcome.Unavailable)) {
                    return CompletableFuture.completedStage(new Attempt(orderId, order.decision()));
                }
            }
            return attempt(request, first + ids.size());
        });
    }

    private static boolean isReused(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        return cause instanceof ProblemException problem && problem.problem().type() == ProblemType.KEY_REUSED;
    }

    private static String digest(Mode mode, List<OrderLine> lines) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((mode + " " + lines).getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static CompletionStage<Answer> completed(Answer answer) {
        return CompletableFuture.completedStage(answer);
    }
}

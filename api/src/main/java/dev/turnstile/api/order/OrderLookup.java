package dev.turnstile.api.order;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.api.stock.LedgerExecutor;
import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.QueuePosition;
import dev.turnstile.order.Decision;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where orders stand.
 *
 * <p>The line is asked before the ledger: an order is committed before it leaves the line, so one that is in neither
 * was never there. A distributed order that waits is in neither; Redis remembers those that any instance answered with
 * 202.
 */
final class OrderLookup {

    private final LedgerExecutor ledger;
    private final LineClient line;
    private final LineThroughput pace;
    private final WaitingRequests waiting;
    private final IdempotencyStore memory;

    OrderLookup(
            LedgerExecutor ledger,
            LineClient line,
            LineThroughput pace,
            WaitingRequests waiting,
            IdempotencyStore memory) {
        this.ledger = ledger;
        this.line = line;
        this.pace = pace;
        this.waiting = waiting;
        this.memory = memory;
    }

    /**
     * @return the order; fails with {@link ProblemType#UNKNOWN_ORDER}, or with {@link ProblemType#UNAVAILABLE} when the
     *     line's Redis would have to know and does not answer
     */
    CompletableFuture<OrderView> find(UUID orderId) {
        boolean awaitedHere = waiting.awaits(orderId);
        return inLine(orderId).thenCompose(found -> ledger.call(stored -> stored.find(orderId))
                .thenCompose(decision -> view(orderId, decision.orElse(null), found, awaitedHere)
                        .map(CompletableFuture::completedFuture)
                        .orElseGet(() -> elsewhere(orderId, found))));
    }

    private CompletableFuture<OrderView> elsewhere(UUID orderId, InLine found) {
        CompletableFuture<Boolean> accepted =
                found.answered() ? isAccepted(orderId) : CompletableFuture.failedFuture(unknownNow());
        return accepted.thenApply(known -> {
            if (known) {
                return OrderView.waiting(orderId, null, null, null);
            }
            throw new ProblemException(ProblemType.UNKNOWN_ORDER, "There is no order " + orderId + ".");
        });
    }

    /**
     * Whether some instance accepted an order that is neither decided nor in the line.
     *
     * @return fails with {@link ProblemType#UNAVAILABLE} when Redis does not answer
     */
    CompletableFuture<Boolean> isAccepted(UUID orderId) {
        return line.call(unused -> memory.accepted(List.of(orderId)))
                .toCompletableFuture()
                .handle((known, failure) -> {
                    if (failure != null) {
                        throw unknownNow();
                    }
                    return known.contains(orderId);
                });
    }

    private static ProblemException unknownNow() {
        return new ProblemException(
                ProblemType.UNAVAILABLE, "The order is not decided, and the ticket line does not answer.");
    }

    /**
     * Looks up several orders. Unknown ones are empty, and those whose state could not be determined are left out.
     *
     * @return fails when the ledger can't be asked
     */
    CompletableFuture<Map<UUID, Optional<OrderView>>> find(Collection<UUID> orderIds) {
        List<UUID> ids = List.copyOf(orderIds);
        Map<UUID, Boolean> awaitedHere = ids.stream().collect(Collectors.toMap(Function.identity(), waiting::awaits));
        Map<UUID, CompletableFuture<InLine>> inLine =
                ids.stream().collect(Collectors.toMap(Function.identity(), this::inLine));
        return CompletableFuture.allOf(inLine.values().toArray(CompletableFuture[]::new))
                .thenCompose(done -> ledger.call(stored -> stored.find(ids)))
                .thenCompose(decisions -> {
                    Map<UUID, Optional<OrderView>> views = new HashMap<>();
                    inLine.forEach((id, found) -> views.put(
                            id, view(id, decisions.get(id), found.join(), awaitedHere.getOrDefault(id, false))));
                    List<UUID> missing = ids.stream()
                            .filter(id ->
                                    views.getOrDefault(id, Optional.empty()).isEmpty())
                            .toList();
                    return line.call(unused -> memory.accepted(missing)).handle((accepted, failure) -> {
                        if (failure == null) {
                            accepted.forEach(id -> views.put(id, Optional.of(OrderView.waiting(id, null, null, null))));
                        }
                        inLine.forEach((id, found) -> {
                            if (failure != null || !found.join().answered()) {
                                views.remove(id, Optional.empty());
                            }
                        });
                        return views;
                    });
                });
    }

    private Optional<OrderView> view(UUID orderId, @Nullable Decision decision, InLine found, boolean awaitedHere) {
        if (decision != null) {
            return Optional.of(OrderView.of(decision));
        }
        QueuePosition place = found.place().orElse(null);
        if (place == null) {
            return awaitedHere ? Optional.of(OrderView.waiting(orderId, null, null, null)) : Optional.empty();
        }
        return Optional.of(OrderView.waiting(
                orderId, place.ticket(), place, pace.wait(place).orElse(null)));
    }

    private record InLine(boolean answered, Optional<QueuePosition> place) {}

    private CompletableFuture<InLine> inLine(UUID orderId) {
        return line.call(asked -> asked.place(orderId))
                .toCompletableFuture()
                .handle((place, failure) ->
                        failure == null ? new InLine(true, place) : new InLine(false, Optional.empty()));
    }
}

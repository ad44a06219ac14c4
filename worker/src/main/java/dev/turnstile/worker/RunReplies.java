package dev.turnstile.worker;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Order;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.worker.reply.ReplySender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Answers the orders of a run that was decided. Where an order came more than once, through several API instances under
 * one idempotency key, each of them is answered. Safe for use by any thread.
 */
public final class RunReplies {

    private final InFlightOrders<?> kept;
    private final ReplySender replies;
    private final DecisionTelemetry watch;

    /** Makes the answers of a mode. */
    public RunReplies(InFlightOrders<?> kept, ReplySender replies, DecisionTelemetry watch) {
        this.kept = kept;
        this.replies = replies;
        this.watch = watch;
    }

    /**
     * Sends the outcomes, and notes the orders as done.
     *
     * @param orders of the run, in its order
     * @param rightSince when the right to its stock was had, by {@link System#nanoTime()}
     * @return fails if one of them could not be sent; then none is noted as done
     */
    public CompletableFuture<Void> send(List<Order> orders, DecidedRun decided, long rightSince) {
        watch.decided(orders, decided);
        // In this order: a record that comes between the two is answered twice at worst, and never kept unanswered.
        List<Order> repeats = kept.repeats(orders);
        long since = kept.moment();
        Duration took = Duration.ofNanos(System.nanoTime() - rightSince);
        List<CompletableFuture<Void>> sent = new ArrayList<>(orders.size());
        for (int i = 0; i < orders.size(); i++) {
            Order order = orders.get(i);
            boolean before = decided.before().contains(order.id());
            sent.add(send(order, decided.decisions().get(i), orders.size(), took, before));
        }
        List<Order> answered = orders;
        if (!repeats.isEmpty()) {
            Map<UUID, Decision> decisions = decided.decisions().stream()
                    .collect(Collectors.toMap(Decision::orderId, Function.identity(), (one, same) -> one));
            repeats.forEach(order -> {
                Decision decision = decisions.get(order.id());
                if (decision != null) {
                    sent.add(send(order, decision, orders.size(), took, true));
                }
            });
            answered = new ArrayList<>(orders);
            answered.addAll(repeats);
        }
        List<Order> done = answered;
        return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).thenRun(() -> kept.done(done, since));
    }

    private CompletableFuture<Void> send(Order order, Decision decision, int runLength, Duration took, boolean before) {
        return replies.send(decision, order.replyTo(), watch.trace(order, decision, runLength, took), before);
    }
}

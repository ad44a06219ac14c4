package dev.turnstile.local.bench;

import dev.turnstile.line.Claim;
import dev.turnstile.line.FinishedRun;
import dev.turnstile.line.LineHead;
import dev.turnstile.line.Ticket;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the head of a product's line, as a worker does that takes its time, so that the line behind it grows. The order
 * at the gate is never decided: it leaves when the gate opens.
 */
final class LineGate implements AutoCloseable {

    /** Well within the lease of a claim. */
    private static final long RENEWAL_MS = 500;

    private static final int ATTEMPTS = 10;

    private final LineHead head;
    private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledFuture<?> renewal;
    private Claim claim;

    private LineGate(LineHead head, Claim claim) {
        this.head = head;
        this.claim = claim;
        this.renewal = renewals.scheduleAtFixedRate(this::renew, RENEWAL_MS, RENEWAL_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Closes the line of a product without waiting orders. The workers are paused meanwhile, or they would be quicker.
     *
     * @throws IllegalStateException if a worker had claimed the head all the same, each time
     */
    static LineGate close(BenchEnvironment rig, long productId) {
        LineHead head = rig.line().head("bench-gate");
        List<ChildProcess> workers = rig.system().runningWorkers();
        workers.forEach(ChildProcess::suspend);
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Order order = BenchEnvironment.order(Mode.FAIR, List.of(new OrderLine(productId, 1)));
                Ticket ticket = await(rig.line().line().draw(order));
                await(head.park(List.of(new TicketedOrder(order, ticket))));
                Optional<Claim> claimed = await(head.turn(null, 1));
                if (claimed.isPresent()) {
                    return new LineGate(head, claimed.get());
                }
            }
        } finally {
            workers.forEach(ChildProcess::resume);
        }
        throw new IllegalStateException("the workers took the head of the line each of " + ATTEMPTS + " times");
    }

    /** Claims the head anew, which ends the claim before in the same script. */
    private synchronized void renew() {
        await(head.turn(null, 1)).ifPresent(renewed -> claim = renewed);
    }

    /** Lets the line go on; its workers are woken. */
    void open() {
        renewal.cancel(false);
        synchronized (this) {
            await(head.turn(FinishedRun.decided(claim, List.of()), 0));
        }
    }

    @Override
    public void close() {
        renewals.shutdownNow();
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}

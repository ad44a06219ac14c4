package dev.turnstile.line;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.redlock.Lease;
import dev.turnstile.redlock.ProductLock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The claims of the line as a lock, with nothing but what a worker does: each acquisition is an order that is drawn for
 * and parked, and its lease the claim of a run that holds this order alone. It is not extended, as no claim is.
 */
final class LineLock implements ProductLock, WakeupListener {

    private final TicketLine line;
    private final LineHeads heads;
    private final LineProperties properties;
    private final String process;
    private final LineHead keeper;
    private final AtomicLong claimants = new AtomicLong();
    private final Map<Ticket, CompletableFuture<Optional<Lease>>> waiting = new ConcurrentHashMap<>();

    /**
     * Makes the lock of a process.
     *
     * @param process its name in the line
     */
    LineLock(TicketLine line, LineHeads heads, LineProperties properties, String process) {
        this.line = line;
        this.heads = heads;
        this.properties = properties;
        this.process = process;
        this.keeper = heads.of(process);
        keeper.subscribe(this).toCompletableFuture().join();
    }

    @Override
    public CompletionStage<Optional<Lease>> acquire(Collection<Long> productIds, Duration waitLimit) {
        List<OrderLine> lines =
                productIds.stream().map(product -> new OrderLine(product, 1)).toList();
        Order order = new Order(UUID.randomUUID(), Mode.FAIR, lines, Instant.EPOCH, null, null);
        return line.draw(order).thenCompose(ticket -> {
            CompletableFuture<Optional<Lease>> acquired = new CompletableFuture<>();
            waiting.put(ticket, acquired);
            keeper.park(List.of(new TicketedOrder(order, ticket)))
                    .thenCompose(parked -> look())
                    .thenRunAsync(() -> giveUp(ticket, order.id()), after(waitLimit));
            return acquired;
        });
    }

    private static Executor after(Duration time) {
        return CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void giveUp(Ticket ticket, UUID orderId) {
        CompletableFuture<Optional<Lease>> acquisition = waiting.remove(ticket);
        if (acquisition != null) {
            keeper.remove(ticket, orderId).thenRun(() -> acquisition.complete(Optional.empty()));
        }
    }

    @Override
    public void claimable() {
        look();
    }

    @Override
    public void decided(Collection<Answered> answered) {
        // no process decides for another here
    }

    /** What a worker's re-check does: a wakeup may be lost. */
    void recheck() {
        if (!waiting.isEmpty()) {
            look();
        }
    }

    /** Claims what can be claimed; each claim under a name of its own, as a worker has one at a time. */
    private CompletionStage<Void> look() {
        LineHead claimant = heads.of(process + "-" + claimants.incrementAndGet());
        long begun = System.nanoTime();
        return claimant.turn(null, 1)
                .thenCompose(claim -> claim.isPresent() && handOver(claimant, claim.get(), begun)
                        ? look()
                        : CompletableFuture.completedStage(null));
    }

    /** False if it is another process's order, which is woken by giving it back. */
    private boolean handOver(LineHead claimant, Claim claim, long begun) {
        CompletableFuture<Optional<Lease>> acquisition =
                waiting.remove(claim.orders().get(0).ticket());
        if (acquisition == null) {
            claimant.turn(FinishedRun.undecided(claim), 0);
            return false;
        }
        acquisition.complete(Optional.of(
                new ClaimLease(claimant, claim, begun + properties.lease().toNanos())));
        return true;
    }

    /** A claim, held until its lease ends. */
    private static final class ClaimLease implements Lease {

        private final LineHead claimant;
        private final Claim claim;
        private final long validUntil;
        private final AtomicBoolean released = new AtomicBoolean();
        private final CompletableFuture<Void> lost = new CompletableFuture<>();
        private final CompletableFuture<Void> gone = new CompletableFuture<>();

        ClaimLease(LineHead claimant, Claim claim, long validUntil) {
            this.claimant = claimant;
            this.claim = claim;
            this.validUntil = validUntil;
            after(remaining()).execute(() -> {
                if (!released.get()) {
                    lost.complete(null);
                }
            });
        }

        @Override
        public long token() {
            return claim.fence();
        }

        @Override
        public Set<Long> productIds() {
            return new TreeSet<>(claim.productIds());
        }

        @Override
        public boolean isHeld() {
            return !remaining().isZero();
        }

        @Override
        public Duration remaining() {
            long left = released.get() ? 0 : validUntil - System.nanoTime();
            return Duration.ofNanos(Math.max(0, left));
        }

        @Override
        public CompletionStage<Void> lost() {
            return lost;
        }

        @Override
        public CompletionStage<Void> release() {
            if (released.compareAndSet(false, true)) {
                claimant.turn(FinishedRun.decided(claim, List.of()), 0)
                        .whenComplete((done, failure) -> gone.complete(null));
            }
            return gone;
        }
    }
}

package dev.turnstile.api.order;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the fair orders of this instance draw in the order in which their requests arrived. Many threads read requests,
 * and on a busy machine any of them may be descheduled for milliseconds; without this, a later request could draw
 * first.
 *
 * <p>The thread that finds requests on the sockets notes them ({@link #noting}), before they are handed to others. A
 * request waits for those that came before it only as long as they are read, and never longer than the patience after
 * its own arrival: a client that sends its body slowly loses its place to those it would hold up.
 *
 * <p>Bounded by the web server's connections. Safe for use by any thread.
 */
final class ArrivalOrder {

    /** A request that arrived. */
    static final class Arrival {
        private final long at;
        private @Nullable Runnable draw;
        private boolean over;
        private boolean lostItsTurn;

        private Arrival(long at) {
            this.at = at;
        }
    }

    /** The arrival that was noted for what this thread reads, until {@link #current} takes it. */
    private static final ThreadLocal<@Nullable Arrival> NOTED = new ThreadLocal<>();

    private final long patience;
    private final LongSupplier nanoTime;
    private final BiConsumer<Duration, Runnable> after;

    // guarded by this
    private final Deque<Arrival> arrivals = new ArrayDeque<>();
    private boolean lookIsDue;

    /**
     * Makes an order.
     *
     * @param patience the longest that a request waits for those before it, from its own arrival
     * @param nanoTime a clock that never goes back
     * @param after runs a task after a time, on another thread
     */
    ArrivalOrder(Duration patience, LongSupplier nanoTime, BiConsumer<Duration, Runnable> after) {
        this.patience = patience.toNanos();
        this.nanoTime = nanoTime;
        this.after = after;
    }

    /**
     * Notes now that a request arrived which the task will read.
     *
     * @return the task; an arrival that it did not take is over when it has run
     */
    Runnable noting(Runnable task) {
        Arrival arrival = arrive();
        return () -> {
            NOTED.set(arrival);
            try {
                task.run();
            } finally {
                if (NOTED.get() != null) { // not taken, so not released elsewhere
                    leave(arrival);
                }
                NOTED.remove();
            }
        };
    }

    /** The arrival of the request that this thread reads: the noted one, or now. {@link #leave} must follow. */
    Arrival current() {
        Arrival arrival = NOTED.get();
        NOTED.remove();
        return arrival == null ? arrive() : arrival;
    }

    /** Notes a request, as early as it is seen. {@link #leave} must follow, whatever becomes of it. */
    synchronized Arrival arrive() {
        Arrival arrival = new Arrival(nanoTime.getAsLong());
        arrivals.add(arrival);
        return arrival;
    }

    /**
     * Draws when it is this request's turn.
     *
     * @param draw must not block
     */
    <T> CompletionStage<T> inTurn(Arrival arrival, Supplier<CompletionStage<T>> draw) {
        CompletableFuture<T> drawn = new CompletableFuture<>();
        synchronized (this) {
            if (arrival.lostItsTurn) {
                start(draw, drawn);
            } else {
                arrival.draw = () -> start(draw, drawn);
                proceed();
            }
        }
        return drawn;
    }

    /** Notes that a request draws no more than it has asked for so far. */
    synchronized void leave(Arrival arrival) {
        arrival.over = true;
        proceed();
    }

    private void proceed() {
        long now = nanoTime.getAsLong();
        while (!arrivals.isEmpty()) {
            Arrival first = arrivals.element();
            if (first.draw == null && !first.over && !isOverdueBehind(now)) {
                break;
            }
            arrivals.remove();
            if (first.draw != null) {
                first.draw.run(); // under the lock, so that draws begin in order
            } else {
                first.lostItsTurn = true;
            }
        }
        if (!arrivals.isEmpty() && !lookIsDue) {
            lookIsDue = true;
            after.accept(Duration.ofNanos(patience), this::look);
        }
    }

    private synchronized void look() {
        lookIsDue = false;
        proceed();
    }

    /** Whether a request behind the first has waited for it long enough. Those behind are ordered by arrival. */
    private boolean isOverdueBehind(long now) {
        for (Arrival arrival : arrivals) {
            if (arrival.draw != null) {
                return now - arrival.at >= patience;
            }
        }
        return false;
    }

    private static <T> void start(Supplier<CompletionStage<T>> draw, CompletableFuture<T> drawn) {
        try {
            draw.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    drawn.complete(value);
                } else {
                    drawn.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            drawn.completeExceptionally(e);
        }
    }
}

package dev.turnstile.local.bench.contender;

import dev.turnstile.local.bench.DrainResult;
import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Threads that decide orders one by one; an idle thread takes the next. All begin at the same moment. */
final class WorkerPool implements AutoCloseable {

    /** What one thread does, with what belongs to it. */
    @FunctionalInterface
    interface Hand {

        /**
         * Decides an order and commits.
         *
         * @param left the rest of the drain's time; an order that has not begun by then is given up
         * @return whether it was decided; false if its turn did not come in time
         */
        boolean decide(Order order, Duration left) throws Exception;
    }

    private final List<Hand> hands;
    private final LongAdder retries;
    private final ExecutorService threads;

    /**
     * @param hands one per thread
     * @param retries counted by the hands
     */
    WorkerPool(String name, List<? extends Hand> hands, LongAdder retries) {
        this.hands = List.copyOf(hands);
        this.retries = retries;
        this.threads = Executors.newFixedThreadPool(hands.size(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Decides the orders that can be decided within a time.
     *
     * @throws Exception what a hand threw; the others stop after the order they have in hand
     */
    DrainResult drain(List<Order> orders, Duration limit) throws Exception {
        long retriesBefore = retries.sum();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger decided = new AtomicInteger();
        CountDownLatch ready = new CountDownLatch(hands.size());
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Long>> ends = new ArrayList<>();
        for (Hand hand : hands) {
            ends.add(threads.submit(() -> {
                ready.countDown();
                start.await();
                long deadline = System.nanoTime() + limit.toNanos();
                try {
                    for (int i = next.getAndIncrement(); i < orders.size(); i = next.getAndIncrement()) {
                        Duration left = Duration.ofNanos(deadline - System.nanoTime());
                        if (left.isNegative() || left.isZero()) {
                            break;
                        }
                        if (hand.decide(orders.get(i), left)) {
                            decided.incrementAndGet();
                        }
                    }
                } catch (Exception e) {
                    next.set(orders.size());
                    throw e;
                }
                return System.nanoTime();
            }));
        }
        ready.await();
        long begun = System.nanoTime();
        start.countDown();
        long ended = begun;
        for (Future<Long> end : ends) {
            ended = Math.max(ended, result(end));
        }
        return new DrainResult(
                decided.get(), orders.size() - decided.get(), retries.sum() - retriesBefore, ended - begun);
    }

    private static long result(Future<Long> end) throws Exception {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

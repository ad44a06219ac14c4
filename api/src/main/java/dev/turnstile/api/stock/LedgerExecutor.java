package dev.turnstile.api.stock;

import dev.turnstile.api.problem.ProblemException;
import dev.turnstile.api.problem.ProblemType;
import dev.turnstile.stock.Ledger;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.springframework.beans.factory.DisposableBean;

/**
 * Calls of the ledger, which block, on a few threads of their own. A slow MySQL fills this queue and nothing else:
 * orders are taken in and answered without it.
 */
public final class LedgerExecutor implements DisposableBean {

    private final Ledger ledger;
    private final ThreadPoolExecutor threads;

    /**
     * @param threads most calls at once
     * @param queueLimit most calls that wait for a thread
     */
    public LedgerExecutor(Ledger ledger, int threads, int queueLimit) {
        this.ledger = ledger;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueLimit),
                work -> new Thread(work, "ledger-" + number.incrementAndGet()));
    }

    /**
     * Runs a call on one of the threads.
     *
     * @return its answer; fails with what it threw, or with a {@link ProblemException} when too many calls wait
     */
    public <T> CompletableFuture<T> call(Function<Ledger, T> work) {
        try {
            return CompletableFuture.supplyAsync(() -> work.apply(ledger), threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new ProblemException(ProblemType.UNAVAILABLE, "Too many requests wait for the database."));
        }
    }

    @Override
    public void destroy() {
        threads.shutdown();
    }
}

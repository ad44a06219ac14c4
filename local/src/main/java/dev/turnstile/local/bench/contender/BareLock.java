package dev.turnstile.local.bench.contender;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A lock that is acquired and released again and again, with no work in between: the cost of the lock itself. */
public final class BareLock implements AutoCloseable {

    private final String name;
    private final Gate gate;

    BareLock(String name, Gate gate) {
        this.name = name;
        this.gate = gate;
    }

    /**
     * How often it was won.
     *
     * @param won how often it was acquired and released
     * @param notWon tries that had not won when the time was over
     * @param nanos how long it took
     */
    public record Acquisitions(long won, long notWon, long nanos) {

        /** Times won per second. */
        public double perSecond() {
            return nanos == 0 ? 0 : won * 1e9 / nanos;
        }
    }

    /** Its name in tables. */
    public String name() {
        return name;
    }

    /**
     * Threads win the same keys from each other for a time. Blocks.
     *
     * @param keys ascending; all of them are won together
     * @param threads how many; more than one contend for the same keys
     * @throws Exception what the lock threw
     */
    public Acquisitions contend(List<Long> keys, int threads, Duration time) throws Exception {
        LongAdder won = new LongAdder();
        LongAdder notWon = new LongAdder();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            long begun = System.nanoTime();
            long deadline = begun + time.toNanos();
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                ends.add(pool.submit(() -> {
                    for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
                        if (gate.pass(keys, Duration.ofNanos(left), () -> {})) {
                            won.increment();
                        } else {
                            notWon.increment();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
            return new Acquisitions(won.sum(), notWon.sum(), System.nanoTime() - begun);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(1, TimeUnit.SECONDS);
        }
    }

    @Override
    public void close() {
        gate.close();
    }
}

package dev.turnstile.worker.report;

import dev.turnstile.line.LineStatus;
import dev.turnstile.line.WorkerReport;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** Reports what the meters of this worker say of the time since the last report. */
final class Reports implements PeriodicTask.Work {

    private final LineStatus board;
    private final String worker;
    private final MeterRegistry registry;
    private final LongSupplier nanoTime;
    private Totals last;
    private long lastAt;

    /** Of all modes, since the start. */
    private record Totals(
            double decided, double runs, double inRuns, double wakeups, double wakeupMs, double holds, double holdMs) {}

    /**
     * Makes reports.
     *
     * @param worker its id
     * @param nanoTime a clock that never goes back
     */
    Reports(LineStatus board, String worker, MeterRegistry registry, LongSupplier nanoTime) {
        this.board = board;
        this.worker = worker;
        this.registry = registry;
        this.nanoTime = nanoTime;
        this.last = totals();
        this.lastAt = nanoTime.getAsLong();
    }

    @Override
    public void run(PeriodicTask.Pause pause) {
        board.report(worker, next()).toCompletableFuture().join();
    }

    WorkerReport next() {
        Totals before = last;
        Totals now = totals();
        long at = nanoTime.getAsLong();
        double seconds = (at - lastAt) / 1e9;
        last = now;
        lastAt = at;
        return new WorkerReport(
                kept("fair"),
                kept("distributed"),
                ratio(now.decided - before.decided, seconds),
                ratio(now.inRuns - before.inRuns, now.runs - before.runs),
                ratio(now.wakeupMs - before.wakeupMs, now.wakeups - before.wakeups),
                ratio(now.holdMs - before.holdMs, now.holds - before.holds));
    }

    private static double ratio(double some, double ofHowMany) {
        return ofHowMany > 0 ? some / ofHowMany : 0;
    }

    private long kept(String mode) {
        return (long)
                sum(registry.find("turnstile.orders.kept").tag("mode", mode).gauges(), Gauge::value);
    }

    private Totals totals() {
        Collection<DistributionSummary> runs =
                registry.find("turnstile.run.length").summaries();
        Collection<Timer> wakeups = registry.find("turnstile.wakeup.to.claim").timers();
        Collection<Timer> holds = registry.find("turnstile.lock.hold").timers();
        return new Totals(
                sum(registry.find("turnstile.orders.decided").counters(), Counter::count),
                sum(runs, DistributionSummary::count),
                sum(runs, DistributionSummary::totalAmount),
                sum(wakeups, Timer::count),
                sum(wakeups, timer -> timer.totalTime(TimeUnit.MILLISECONDS)),
                sum(holds, Timer::count),
                sum(holds, timer -> timer.totalTime(TimeUnit.MILLISECONDS)));
    }

    private static <T> double sum(Collection<T> meters, ToDoubleFunction<T> value) {
        return meters.stream().mapToDouble(value).sum();
    }
}

package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.FaultSchedule.Strike;
import dev.turnstile.local.fault.Fault;
import dev.turnstile.local.fault.FaultHandle;
import dev.turnstile.local.fault.FaultKit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Lets the faults of a schedule strike and heals them. Two of them never strike the same victim at once. */
final class FaultStorm {

    private static final int THREADS = 24;

    private final FaultKit kit;
    private final List<Long> products;
    private final LongSupplier nowMs;
    private final Map<String, ReentrantLock> victims = new HashMap<>();
    private final ScheduledExecutorService threads;

    // guarded by this
    private final List<InjectedFault> struck = new ArrayList<>();
    private final List<String> notHealed = new ArrayList<>();
    private int missed;

    FaultStorm(FaultKit kit, List<Long> products, LongSupplier nowMs) {
        this.kit = kit;
        this.products = products;
        this.nowMs = nowMs;
        ThreadFactory daemons = work -> {
            Thread thread = new Thread(work, "fault");
            thread.setDaemon(true);
            return thread;
        };
        this.threads = Executors.newScheduledThreadPool(THREADS, daemons);
    }

    /** Begins. */
    @SuppressWarnings("FutureReturnValueIgnored") // end() waits for all
    void begin(List<Strike> strikes) {
        for (Strike strike : strikes) {
            threads.schedule(
                    () -> strike(strike), Math.max(0, strike.atMs() - nowMs.getAsLong()), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Waits until all that was planned has struck and is healed.
     *
     * @return whether it was in time
     */
    boolean end(Duration limit) throws InterruptedException {
        threads.shutdown();
        return threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The faults that struck, in the order of time. */
    synchronized List<InjectedFault> struck() {
        return struck.stream()
                .sorted(Comparator.comparingLong(InjectedFault::atMs))
                .toList();
    }

    /** Faults that could not be healed, and why. */
    synchronized List<String> notHealed() {
        return List.copyOf(notHealed);
    }

    /** How many faults could not strike. */
    synchronized int missed() {
        return missed;
    }

    private void strike(Strike strike) {
        Fault fault = strike.of(kit.faults(products));
        ReentrantLock victim;
        synchronized (victims) {
            victim = victims.computeIfAbsent(fault.victim(), name -> new ReentrantLock());
        }
        if (!victim.tryLock()) {
            miss();
            return;
        }
        try {
            long atMs = nowMs.getAsLong();
            FaultHandle healing;
            try {
                healing = kit.strike(fault);
            } catch (RuntimeException e) { // the server is down just now
                miss();
                return;
            }
            heal(fault, atMs, strike.lastsMs(), healing);
        } finally {
            victim.unlock();
        }
    }

    private void heal(Fault fault, long atMs, long lastsMs, FaultHandle healing) {
        try {
            if (healing != FaultHandle.NONE) {
                TimeUnit.MILLISECONDS.sleep(lastsMs);
            }
            healing.heal();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            synchronized (this) {
                notHealed.add(fault + ": " + e);
            }
        }
        synchronized (this) {
            struck.add(new InjectedFault(atMs, nowMs.getAsLong(), fault.kind(), fault.victim()));
        }
    }

    private synchronized void miss() {
        missed++;
    }
}

package dev.turnstile.local.bench;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Turnstile itself. The workers are frozen while the orders are published, and the time runs from the moment they go on
 * until the last outcome is in the ledger: they read the orders from Kafka, park or lock, decide, write the cache and
 * answer.
 */
final class TurnstileDrain implements Contender {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(4);

    private final Mode mode;
    private final String name;
    private final int drainSize;
    private final BenchEnvironment rig;
    private Map<String, Duration> cpu = Map.of();

    /**
     * @param mode the mode of the orders it will be given
     */
    TurnstileDrain(Mode mode, int drainSize, BenchEnvironment rig) {
        this.mode = mode;
        this.name = name(mode);
        this.drainSize = drainSize;
        this.rig = rig;
    }

    static String name(Mode mode) {
        return switch (mode) {
            case FAIR -> "Turnstile fair";
            case DISTRIBUTED -> "Turnstile distributed";
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int drainSize() {
        return drainSize;
    }

    /** Drains new orders for some goods, all of which are there. */
    DrainResult drain(Goods goods, Random random) throws Exception {
        List<Order> orders = BenchEnvironment.orders(drainSize, mode, goods, random);
        rig.shelves().stock(goods.products(), drainSize);
        return drain(orders);
    }

    @Override
    public DrainResult drain(List<Order> orders) throws Exception {
        List<ChildProcess> workers = rig.system().runningWorkers();
        long before = rig.shelves().lastCommit();
        workers.forEach(ChildProcess::suspend);
        Map<String, Duration> cpuBefore;
        long start;
        try {
            rig.feed().publish(orders);
            cpuBefore = rig.cpu();
        } finally {
            start = System.nanoTime();
            workers.forEach(ChildProcess::resume);
        }
        int decided = awaitDecided(rig.shelves(), before, orders.size(), PATIENCE);
        long nanos = System.nanoTime() - start;
        cpu = BenchEnvironment.difference(cpuBefore, rig.cpu());
        return new DrainResult(decided, orders.size() - decided, 0, nanos);
    }

    /** Returns the processor time of each process for the last drain; nothing where the system does not know it. */
    void tellCpu(BenchFigures figures, String workload, DrainResult result) {
        if (result.decided() > 0) {
            cpu.forEach((process, used) -> figures.add(
                    "cpu", workload, process, "µs of processor per order", used.toNanos() / 1e3 / result.decided()));
        }
    }

    /** Waits until so many orders were decided after a commit; returns how many it became within the time. */
    static int awaitDecided(ProductStocking shelves, long before, int wanted, Duration patience) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            // The sequence has gaps where a transaction was rolled back, so only a count is sure; but a count takes
            // time.
            boolean near = shelves.lastCommit() - before >= wanted;
            long decided = near ? shelves.decidedSince(before) : 0;
            if (decided >= wanted) {
                return Math.toIntExact(decided);
            }
            if (System.nanoTime() - deadline > 0) {
                return Math.toIntExact(shelves.decidedSince(before));
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    @Override
    public void close() {
        // what it uses belongs to the system under test
    }
}

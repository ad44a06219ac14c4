package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Step.Leaving;
import dev.turnstile.local.chaos.Step.Ordering;
import dev.turnstile.local.chaos.Step.Restocking;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of a run do: orders of one to three products in both modes, some of them hot; repeats under one idempotency key,
 * through another API; clients that want an answer at once, that close the connection, that leave the line; restocks.
 */
final class Workload {

    /** Products of each run; the first ones are wanted most. */
    static final int PRODUCTS = 8;

    private static final int APIS = 1000;
    private static final int MOST_LINES = 3;
    private static final int MOST_PIECES = 2;
    private static final int BETWEEN_RESTOCKS_MS = 500;
    private static final int MOST_RESTOCKED = 200;

    /** For the seed of a plan: faults must not follow from the same numbers as requests. */
    private static final long OTHER_SEED = 0x5DEECE66DL;

    private final Random random;
    private final List<Long> products;
    private final List<Step> steps = new ArrayList<>();
    private int number;

    private Workload(Random random, List<Long> products) {
        this.random = random;
        this.products = products;
    }

    /** The products of a plan: no other seed has them. */
    static List<Long> products(ChaosPlan plan) {
        long first = 1_000_000 + Math.floorMod(plan.seed(), 1_000_000L) * PRODUCTS;
        return LongStream.range(first, first + PRODUCTS).boxed().toList();
    }

    /** All steps of a plan, in the order of time. */
    static List<Step> of(ChaosPlan plan) {
        Workload workload = new Workload(new Random(plan.seed() ^ OTHER_SEED), products(plan));
        long end = plan.duration().toMillis();
        double atMs = 0;
        while (atMs < end) {
            workload.client((long) atMs);
            atMs += -Math.log(1 - workload.random.nextDouble()) * 1000 / plan.ordersPerSecond();
        }
        for (long at = BETWEEN_RESTOCKS_MS; at < end; at += BETWEEN_RESTOCKS_MS) {
            workload.restock(at);
        }
        workload.steps.sort(Comparator.comparingLong(Step::atMs));
        return workload.steps;
    }

    private void client(long atMs) {
        Mode mode = random.nextInt(100) < 60 ? Mode.FAIR : Mode.DISTRIBUTED;
        List<OrderLine> lines = lines();
        String key = chance(25) ? "chaos-" + products.get(0) + "-" + number : null;
        order(atMs, mode, lines, key);
        if (key != null && chance(60)) {
            order(atMs + random.nextInt(2000), mode, lines, key);
        }
        if (chance(5)) {
            steps.add(new Leaving(atMs + random.nextInt(500), random.nextInt(APIS), random.nextDouble()));
        }
    }

    private void order(long atMs, Mode mode, List<OrderLine> lines, @Nullable String key) {
        String prefer = chance(20) ? "respond-async" : chance(20) ? "wait=1" : null;
        int patienceMs = chance(5) ? 20 + random.nextInt(500) : 0;
        steps.add(new Ordering(atMs, number++, random.nextInt(APIS), mode, lines, key, prefer, patienceMs));
    }

    private List<OrderLine> lines() {
        TreeSet<Long> wanted = new TreeSet<>();
        int count = chance(60) ? 1 : 1 + random.nextInt(MOST_LINES);
        while (wanted.size() < count) {
            // the square makes the first ones hot
            wanted.add(products.get((int) (random.nextDouble() * random.nextDouble() * PRODUCTS)));
        }
        return wanted.stream()
                .map(productId -> new OrderLine(productId, 1 + random.nextInt(MOST_PIECES)))
                .toList();
    }

    private void restock(long atMs) {
        steps.add(new Restocking(
                atMs,
                random.nextInt(APIS),
                products.get(random.nextInt(PRODUCTS)),
                1 + random.nextInt(MOST_RESTOCKED)));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }
}

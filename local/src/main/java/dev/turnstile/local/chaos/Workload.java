package dev.turnstile.local.chaos;

import dev.turnstile.local.chaos.Step.Leaving;
import dev.turnstile.local.chaos.Step.Looking;
import dev.turnstile.local.chaos.Step.Ordering;
import dev.turnstile.local.chaos.Step.Pairing;
import dev.turnstile.local.chaos.Step.Restocking;
import dev.turnstile.local.chaos.Step.Sending;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What the clients of a run do: orders in both modes of one to three products, some of them hot, and of up to fifty of
 * a catalogue; half of them under idempotency keys, many of these twice, through different APIs, at once or later;
 * orders that are sent when another one is answered; clients that want an answer at once, that close the connection,
 * that ask for an order or leave the line; restocks. And hostile records in the topics of orders.
 */
final class Workload {

    /** Products of each run; the first ones are wanted most. */
    static final int PRODUCTS = 600;

    /** How many of them most orders are for. */
    static final int HOT_PRODUCTS = 8;

    private static final int APIS = 1000;
    private static final int MOST_LINES = 3;
    private static final int MOST_LINES_OF_A_CART = 50;
    private static final int MOST_PIECES = 2;
    private static final int BETWEEN_RESTOCKS_MS = 500;
    private static final int BETWEEN_SENDINGS_MS = 900;
    private static final int MOST_RESTOCKED = 400;
    private static final double ZIPF_EXPONENT = 1.1;

    /** For the seed of a plan: faults must not follow from the same numbers as requests. */
    private static final long OTHER_SEED = 0x5DEECE66DL;

    private final Random random;
    private final List<Long> products;
    private final double[] popularity = new double[PRODUCTS];
    private final List<Step> steps = new ArrayList<>();
    private int number;

    private Workload(Random random, List<Long> products) {
        this.random = random;
        this.products = products;
        double sum = 0;
        for (int rank = 0; rank < PRODUCTS; rank++) {
            sum += Math.pow(rank + 1.0, -ZIPF_EXPONENT);
            popularity[rank] = sum;
        }
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
        for (long at = BETWEEN_SENDINGS_MS; at < end; at += BETWEEN_SENDINGS_MS) {
            workload.send(at);
        }
        workload.steps.sort(Comparator.comparingLong(Step::atMs));
        return workload.steps;
    }

    private void client(long atMs) {
        Mode mode = random.nextInt(100) < 60 ? Mode.FAIR : Mode.DISTRIBUTED;
        List<OrderLine> lines = chance(8) ? cart() : lines();
        String key = chance(50) ? "chaos-" + products.get(0) + "-" + number : null;
        Ordering order = order(atMs, mode, lines, key);
        if (key == null && chance(20)) {
            List<OrderLine> others = chance(50) ? lines : lines();
            steps.add(new Pairing(order, order(1 + random.nextInt(20), mode, others, null)));
        } else {
            steps.add(order);
        }
        if (key != null && chance(40)) {
            long againMs = chance(50) ? atMs : atMs + random.nextInt(2000);
            steps.add(throughAnother(order.api(), order(againMs, mode, lines, key)));
        }
        if (chance(5)) {
            steps.add(new Leaving(atMs + random.nextInt(500), random.nextInt(APIS), random.nextDouble()));
        }
        if (chance(10)) {
            steps.add(new Looking(atMs, random.nextInt(APIS), random.nextDouble(), chance(30)));
        }
    }

    private Ordering order(long atMs, Mode mode, List<OrderLine> lines, @Nullable String key) {
        String prefer = chance(30) ? "respond-async" : chance(20) ? "wait=1" : null;
        int patienceMs = chance(5) ? 20 + random.nextInt(500) : 0;
        return new Ordering(atMs, number++, random.nextInt(APIS), mode, lines, key, prefer, patienceMs);
    }

    private static Ordering throughAnother(int api, Ordering order) {
        return new Ordering(
                order.atMs(),
                order.number(),
                api + 1,
                order.mode(),
                order.lines(),
                order.key(),
                order.prefer(),
                order.patienceMs());
    }

    /** One piece each of some products of the catalogue, the first ones more often than others. */
    private List<OrderLine> cart() {
        TreeSet<Long> wanted = new TreeSet<>();
        int count = 1 + random.nextInt(MOST_LINES_OF_A_CART);
        while (wanted.size() < count) {
            double at = random.nextDouble() * popularity[PRODUCTS - 1];
            int rank = Arrays.binarySearch(popularity, at);
            wanted.add(products.get(rank < 0 ? -rank - 1 : rank));
        }
        return wanted.stream().map(productId -> new OrderLine(productId, 1)).toList();
    }

    private List<OrderLine> lines() {
        TreeSet<Long> wanted = new TreeSet<>();
        int count = chance(60) ? 1 : 1 + random.nextInt(MOST_LINES);
        while (wanted.size() < count) {
            // the square makes the first ones hot
            wanted.add(products.get((int) (random.nextDouble() * random.nextDouble() * HOT_PRODUCTS)));
        }
        return wanted.stream()
                .map(productId -> new OrderLine(productId, 1 + random.nextInt(MOST_PIECES)))
                .toList();
    }

    private void restock(long atMs) {
        steps.add(new Restocking(
                atMs,
                random.nextInt(APIS),
                products.get(random.nextInt(chance(75) ? HOT_PRODUCTS : PRODUCTS)),
                1 + random.nextInt(MOST_RESTOCKED)));
    }

    private void send(long atMs) {
        HostileRecord[] kinds = HostileRecord.values();
        steps.add(new Sending(
                atMs,
                kinds[random.nextInt(kinds.length)],
                OrderTopics.OF_ORDERS.get(random.nextInt(OrderTopics.OF_ORDERS.size())),
                random.nextDouble(),
                new UUID(random.nextLong(), random.nextLong()),
                products.get(random.nextInt(HOT_PRODUCTS))));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }
}

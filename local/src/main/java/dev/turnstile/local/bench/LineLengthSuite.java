package dev.turnstile.local.bench;

import dev.turnstile.line.TicketLine;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What an order costs in a line of a given length: the line is held at its head until so many orders are parked behind
 * it. Then some tickets are drawn and some positions read, one after the other, and then the line is released.
 */
final class LineLengthSuite implements Suite {

    static final String KEY = "length";
    static final String CONTENDER = "Turnstile fair";
    static final String MICROS = "µs per order, decided";

    private static final int PROBES = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(20);

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
            for (int length : plan.lineLengths()) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "line of %,d orders, %s",
                        length,
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                measure(rig, length, random, repetition == 0 ? new BenchFigures() : figures);
            }
        }
    }

    private static void measure(BenchEnvironment rig, int length, Random random, BenchFigures figures)
            throws Exception {
        long product = Goods.ONE_HOT.products().get(0);
        rig.shelves().stock(List.of(product), length);
        List<Order> orders = BenchEnvironment.orders(length, Mode.FAIR, Goods.ONE_HOT, random);
        try (LineGate gate = LineGate.close(rig, product)) {
            long before = rig.shelves().lastCommit();
            rig.feed().publish(orders);
            awaitParked(rig, length + 1);
            String workload = String.format(Locale.ROOT, "%,d orders", length);
            rig.system().runningWorkers().stream()
                    .flatMapToLong(worker -> worker.residentMb().stream())
                    .max()
                    .ifPresent(
                            most -> figures.add(KEY, workload, CONTENDER, "MB of the largest worker", (double) most));
            probe(rig.line().line(), product, orders.get(length - 1), figures, workload);
            long start = System.nanoTime();
            gate.open();
            int decided = TurnstileDrain.awaitDecided(rig.shelves(), before, length, PATIENCE);
            double micros = (System.nanoTime() - start) / 1e3 / length;
            if (decided != length) {
                throw new IllegalStateException(
                        decided + " of " + length + " orders were decided within " + PATIENCE.toSeconds() + " s");
            }
            figures.add(KEY, workload, CONTENDER, MICROS, micros);
        }
    }

    private static void probe(TicketLine line, long product, Order last, BenchFigures figures, String workload) {
        long drawNanos = 0;
        long placeNanos = 0;
        for (int i = 0; i < PROBES; i++) {
            Order order = BenchEnvironment.order(Mode.FAIR, List.of(new OrderLine(product, 1)));
            long start = System.nanoTime();
            line.draw(order).toCompletableFuture().join();
            drawNanos += System.nanoTime() - start;
            line.cancel(order).toCompletableFuture().join();
            start = System.nanoTime();
            line.place(last.id()).toCompletableFuture().join();
            placeNanos += System.nanoTime() - start;
        }
        figures.add(KEY, workload, CONTENDER, "µs for one draw", drawNanos / 1e3 / PROBES);
        figures.add(KEY, workload, CONTENDER, "µs for one place", placeNanos / 1e3 / PROBES);
    }

    private static void awaitParked(BenchEnvironment rig, int wanted) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (rig.line().parked() < wanted) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(rig.line().parked() + " of " + wanted + " orders are parked after "
                        + PATIENCE.toSeconds() + " s");
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }
}

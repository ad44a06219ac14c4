package dev.turnstile.local.bench;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Alternates orders over HTTP and drains in both modes until the system gets no faster at either: the measured system
 * is one that has run for a while, and its JVMs compile what they run often.
 */
final class WarmUp {

    private static final int USERS = 256;
    /** An API compiles for some 150 s of load. */
    private static final Duration WINDOW = Duration.ofSeconds(15);

    private static final int LEAST = 6;
    private static final int MOST = 12;
    private static final int DRAINS = 3;

    /** By how much a window is faster than all before it of its kind, if the system still gets faster. */
    private static final double FASTER = 1.05;

    private WarmUp() {}

    static void run(BenchEnvironment rig, BenchPlan plan, Random random, Consumer<String> progress) throws Exception {
        Map<String, Double> fastest = new HashMap<>();
        int windows = plan.quick() ? 1 : MOST;
        boolean faster = true;
        for (int window = 1; window <= windows && (faster || window <= LEAST); window++) {
            faster = false;
            for (Mode mode : Mode.values()) {
                Map<String, Double> rates = Map.of(
                        "over HTTP", overHttp(rig, plan, mode, random), "drained", drained(rig, plan, mode, random));
                for (Map.Entry<String, Double> rate : rates.entrySet()) {
                    String kind = TurnstileDrain.name(mode) + ", " + rate.getKey();
                    progress.accept(String.format(Locale.ROOT, "warm-up, %s: %,.0f orders/s", kind, rate.getValue()));
                    faster |= rate.getValue() > FASTER * fastest.getOrDefault(kind, 0.0);
                    fastest.merge(kind, rate.getValue(), Math::max);
                }
            }
        }
    }

    private static double overHttp(BenchEnvironment rig, BenchPlan plan, Mode mode, Random random) throws Exception {
        List<OrderLine> lines = Goods.ONE_HOT.lines(random);
        rig.shelves().stock(Goods.ONE_HOT.products(), ProductStocking.PLENTY);
        URI api = rig.system().addresses().apis().get(0);
        try (HttpLoad load = new HttpLoad(
                new Connections(List.of(api)), OrderRequests.order(api, OrderRequests.path(mode), lines))) {
            return load.closed(USERS, plan.quick() ? plan.load() : WINDOW).perSecond();
        }
    }

    /** The fastest of a few. */
    private static double drained(BenchEnvironment rig, BenchPlan plan, Mode mode, Random random) throws Exception {
        double fastest = 0;
        for (int drain = 0; drain < (plan.quick() ? 1 : DRAINS); drain++) {
            fastest = Math.max(
                    fastest,
                    new TurnstileDrain(mode, plan.turnstileDrain(Goods.THREE_HOT), rig)
                            .drain(Goods.THREE_HOT, random)
                            .perSecond());
        }
        return fastest;
    }
}

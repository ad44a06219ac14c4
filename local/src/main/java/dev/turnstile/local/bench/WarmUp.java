package dev.turnstile.local.bench;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Orders over HTTP in both modes by turns, until the system gets no faster: what is measured is one that has run for a while, and its
 * JVMs compile what they run often.
 */
final class WarmUp {

    private static final int USERS = 256;
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final int LEAST = 4;
    private static final int MOST = 20;

    /** By how much a window is faster than all before it in its mode, if the system still gets faster. */
    private static final double FASTER = 1.05;

    private WarmUp() {}

    static void run(Rig rig, BenchPlan plan, Random random, Consumer<String> progress) throws Exception {
        List<OrderLine> lines = Goods.ONE_HOT.lines(random);
        rig.shelves().stock(Goods.ONE_HOT.products(), Shelves.PLENTY);
        URI api = rig.system().addresses().apis().get(0);
        Map<Mode, Double> fastest = new EnumMap<>(Mode.class);
        int windows = plan.quick() ? 1 : MOST;
        boolean faster = true;
        for (int window = 1; window <= windows && (faster || window <= LEAST); window++) {
            faster = false;
            for (Mode mode : Mode.values()) {
                double rate;
                try (HttpLoad load = new HttpLoad(
                        new Connections(List.of(api)), OrderRequests.order(api, OrderRequests.path(mode), lines))) {
                    rate = load.closed(USERS, plan.quick() ? plan.load() : WINDOW)
                            .perSecond();
                }
                progress.accept(String.format(
                        Locale.ROOT, "warm-up, %s: %,.0f orders/s over HTTP", TurnstileDrain.name(mode), rate));
                faster |= rate > FASTER * fastest.getOrDefault(mode, 0.0);
                fastest.merge(mode, rate, Math::max);
            }
        }
    }
}

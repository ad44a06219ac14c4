package dev.turnstile.local.bench;

import dev.turnstile.local.client.Connections;
import dev.turnstile.local.client.OrderRequests;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import io.netty.handler.codec.http.FullHttpRequest;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Orders over HTTP that come whether or not the earlier ones are answered: the capacity of the API and, at half and at
 * four fifths of it, how long an answer takes. Beside both modes a {@code PATCH} that is read, checked and answered at
 * once.
 */
final class LoadSuite implements Suite {

    static final String KEY = "load";
    static final String CAPACITY = "capacity, orders/s";
    static final String NO_OP = "no-op PATCH";

    /** Enough to keep the API busy whatever it waits for. */
    private static final int USERS = 256;

    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(5);
    private static final double[] SHARES = {0.5, 0.8};
    private static final double[] PERCENTILES = {50, 99, 99.9};

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        URI api = rig.system().addresses().apis().get(0);
        List<OrderLine> lines = Goods.ONE_HOT.lines(random);
        Map<String, FullHttpRequest> requests = new LinkedHashMap<>();
        requests.put(NO_OP, OrderRequests.order(api, "/v1/noop", lines));
        for (Mode mode : Mode.values()) {
            requests.put(TurnstileDrain.name(mode), OrderRequests.order(api, OrderRequests.path(mode), lines));
        }
        rig.shelves().stock(Goods.ONE_HOT.products(), ProductStocking.PLENTY);
        for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
            for (Map.Entry<String, FullHttpRequest> entry : requests.entrySet()) {
                String name = entry.getKey();
                progress.accept(String.format(
                        Locale.ROOT,
                        "open-loop load, %s, %s",
                        name,
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                try (HttpLoad load = new HttpLoad(new Connections(List.of(api)), entry.getValue())) {
                    if (repetition == 0) {
                        load.closed(USERS, plan.quick() ? plan.load() : FIRST_WARM_UP);
                    } else {
                        measure(load, name, plan, figures);
                    }
                }
            }
        }
    }

    private static void measure(HttpLoad load, String name, BenchPlan plan, BenchFigures figures)
            throws InterruptedException {
        HttpLoad.Outcome closed = load.closed(USERS, plan.load().dividedBy(2));
        String capacity = "closed loop, " + USERS + " users";
        figures.add(KEY, capacity, name, CAPACITY, closed.perSecond());
        figures.add(KEY, capacity, name, "failed", (double) closed.failed());
        for (double share : SHARES) {
            HttpLoad.Outcome open = load.open(closed.perSecond() * share, plan.load());
            String workload = atShare(share);
            Histogram latency = open.latency();
            for (double percentile : PERCENTILES) {
                figures.add(
                        KEY, workload, name, percentile(percentile), latency.getValueAtPercentile(percentile) / 1e3);
            }
            figures.add(KEY, workload, name, "failed", (double) open.failed());
        }
    }

    static String atShare(double share) {
        return String.format(Locale.ROOT, "open loop at %.0f %% of capacity", share * 100);
    }

    static String percentile(double percentile) {
        return percentile == 99.9 ? "p99.9, ms" : String.format(Locale.ROOT, "p%.0f, ms", percentile);
    }
}

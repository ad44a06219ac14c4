package dev.turnstile.local.bench;

import dev.turnstile.order.Mode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/**
 * How long runs stay, and how fast, where orders share products in a pattern and not all of them: drains of mixed
 * orders beside those of one product, by three workers, with the topic keyed by product and by order.
 */
final class MixedSuite implements Suite {

    static final String KEY = "mixed";

    private static final int WORKERS = 3;
    private static final List<Goods> GOODS = List.of(Goods.ONE_HOT, Goods.MIXED);

    @Override
    public String key() {
        return KEY;
    }

    static String workload(Goods goods, boolean keyedByOrder) {
        return goods.title() + ", keyed by " + (keyedByOrder ? "order" : "product");
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        int before = rig.system().runningWorkers().size();
        rig.system().setRunningWorkers(WORKERS);
        for (boolean keyedByOrder : List.of(false, true)) {
            try (OrderFeed feed = new OrderFeed(rig.servers().kafka(), rig.line(), keyedByOrder)) {
                BenchEnvironment fed =
                        new BenchEnvironment(rig.run(), rig.system(), rig.ledger(), rig.line(), feed, rig.shelves());
                for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                    progress.accept(String.format(
                            Locale.ROOT,
                            "mixed orders, keyed by %s, %s",
                            keyedByOrder ? "order" : "product",
                            repetition == 0 ? "warm-up" : "repetition " + repetition));
                    List<Goods> turns = new ArrayList<>(GOODS);
                    Collections.shuffle(turns, random);
                    for (Goods goods : turns) {
                        drain(
                                fed,
                                plan,
                                goods,
                                workload(goods, keyedByOrder),
                                random,
                                repetition == 0 ? new BenchFigures() : figures);
                    }
                }
            }
        }
        rig.system().setRunningWorkers(before);
    }

    private static void drain(
            BenchEnvironment rig, BenchPlan plan, Goods goods, String workload, Random random, BenchFigures figures)
            throws Exception {
        TurnstileDrain drain = new TurnstileDrain(Mode.FAIR, plan.turnstileDrain(goods), rig);
        long before = rig.shelves().lastCommit();
        DrainResult result = drain.drain(goods, random);
        figures.add(KEY, workload, drain.name(), DrainSuite.PER_SECOND, result.perSecond());
        figures.add(
                KEY,
                workload,
                drain.name(),
                "orders per run",
                (double) result.decided() / Math.max(1, rig.shelves().runsSince(before)));
    }
}

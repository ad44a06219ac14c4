package dev.turnstile.local.bench;

import dev.turnstile.order.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/** Drains with one, two and four workers. They share this machine's cores, so more of them need not be faster here. */
final class WorkersSuite implements Suite {

    static final String KEY = "workers";

    private static final List<Goods> GOODS = List.of(Goods.ONE_HOT, Goods.ZIPF);

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        int before = rig.system().runningWorkers().size();
        for (int workers : plan.workers()) {
            rig.system().setRunningWorkers(workers);
            for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "%d workers, %s",
                        workers,
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                for (Goods goods : GOODS) {
                    for (Mode mode : Mode.values()) {
                        TurnstileDrain drain = new TurnstileDrain(mode, plan.turnstileDrain(goods), rig);
                        // a worker that has just started runs slowly: the first drain warms it up
                        for (int round = repetition == 0 ? 0 : 1; round < 2; round++) {
                            DrainResult result = drain.drain(goods, random);
                            if (repetition > 0) {
                                String workload =
                                        goods.title() + ", " + workers + (workers == 1 ? " worker" : " workers");
                                figures.add(KEY, workload, drain.name(), DrainSuite.PER_SECOND, result.perSecond());
                            }
                        }
                    }
                }
            }
        }
        rig.system().setRunningWorkers(before);
    }
}

package dev.turnstile.local.bench;

import dev.turnstile.local.bench.contender.Contenders;
import dev.turnstile.order.Mode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A long backlog in the topic, worked off in the order of the tickets by a single worker, beside plain SQL: long enough
 * that neither a start nor an end counts for much.
 */
final class BacklogSuite implements Suite {

    static final String KEY = "backlog";
    static final String FAIR = TurnstileDrain.name(Mode.FAIR) + ", 1 worker";
    static final String PLAIN_SQL = "plain SQL, 32 connections";

    private static final Set<String> BESIDE = Set.of(PLAIN_SQL, "batch-insert floor");
    private static final List<Goods> GOODS = List.of(Goods.ONE_HOT, Goods.THREE_HOT);

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        int before = rig.system().runningWorkers().size();
        rig.system().setRunningWorkers(1);
        for (Goods goods : GOODS) {
            for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "backlog of %s, %s",
                        goods.title(),
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                BenchFigures told = repetition == 0 ? new BenchFigures() : figures;
                List<Contenders.Entry<Contender>> turns = new ArrayList<>();
                turns.add(new Contenders.Entry<>(
                        FAIR, (name, servers) -> new TurnstileDrain(Mode.FAIR, plan.backlog(), rig)));
                Contenders.drains().stream()
                        .filter(entry -> BESIDE.contains(entry.name()))
                        .forEach(turns::add);
                Collections.shuffle(turns, random);
                for (Contenders.Entry<Contender> turn : turns) {
                    try (Contender contender = turn.open(rig.servers())) {
                        DrainResult result = DrainSuite.drain(contender, Mode.FAIR, goods, rig, plan, random);
                        told.add(KEY, goods.title(), turn.name(), DrainSuite.PER_SECOND, result.perSecond());
                        if (contender instanceof TurnstileDrain turnstile) {
                            turnstile.tellCpu(told, goods.title() + ", backlog", result);
                        }
                    }
                }
            }
        }
        rig.system().setRunningWorkers(before);
    }
}

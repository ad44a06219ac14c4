package dev.turnstile.local.bench;

import dev.turnstile.local.bench.contender.Contenders;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * How fast orders are decided that are all there: Turnstile in both modes beside every contender. In each repetition
 * every contender has its turn, in an order left to chance, so that none has the better time of the day.
 */
final class DrainSuite implements Suite {

    static final String KEY = "drain";
    static final String CATALOGUE = "catalogue";
    static final String PER_SECOND = "orders/s";

    private final String key;
    private final List<Goods> allGoods;
    private final Predicate<String> contenders;

    private DrainSuite(String key, List<Goods> allGoods, Predicate<String> contenders) {
        this.key = key;
        this.allGoods = allGoods;
        this.contenders = contenders;
    }

    /** Hot products, and many of which each order wants one. */
    static DrainSuite ofFewProducts() {
        return new DrainSuite(KEY, List.of(Goods.ONE_HOT, Goods.THREE_HOT, Goods.ZIPF), name -> true);
    }

    /** Carts over a wide catalogue, beside the floor and plain SQL. */
    static DrainSuite ofCatalogues() {
        return new DrainSuite(
                CATALOGUE,
                List.of(Goods.CATALOGUE, Goods.CATALOGUE_ZIPF),
                Set.of("batch-insert floor", "plain SQL, 32 connections")::contains);
    }

    /** Opens a contender for one drain. */
    private record Entry(String name, Mode mode, Opening opening) {

        @FunctionalInterface
        interface Opening {
            Contender open() throws Exception;
        }
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        for (Goods goods : allGoods) {
            List<Entry> entries = entries(rig, plan, goods);
            entries.forEach(entry -> figures.expect(key, goods.title(), entry.name(), PER_SECOND));
            for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "drain of %s, %s",
                        goods.title(),
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                List<Entry> turns = new ArrayList<>(entries);
                Collections.shuffle(turns, random);
                for (Entry entry : turns) {
                    try (Contender contender = entry.opening().open()) {
                        DrainResult result = drain(contender, entry.mode(), goods, rig, plan, random);
                        if (repetition > 0) {
                            record(figures, goods, contender, result);
                        }
                    }
                }
            }
        }
    }

    /** Stocks the shelves and lets a contender drain new orders. */
    static DrainResult drain(
            Contender contender, Mode mode, Goods goods, BenchEnvironment rig, BenchPlan plan, Random random)
            throws Exception {
        int size = contender instanceof TurnstileDrain
                ? contender.drainSize()
                : Math.min(contender.drainSize(), plan.drainLimit());
        List<Order> orders = BenchEnvironment.orders(size, mode, goods, random);
        rig.shelves().stock(goods.products(), size);
        return contender.drain(orders);
    }

    private List<Entry> entries(BenchEnvironment rig, BenchPlan plan, Goods goods) {
        ServerAddresses servers = rig.servers();
        List<Entry> entries = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            entries.add(new Entry(
                    TurnstileDrain.name(mode), mode, () -> new TurnstileDrain(mode, plan.turnstileDrain(goods), rig)));
        }
        Contenders.drains().stream()
                .filter(entry -> contenders.test(entry.name()))
                .forEach(entry -> entries.add(new Entry(entry.name(), Mode.DISTRIBUTED, () -> entry.open(servers))));
        return entries;
    }

    private void record(BenchFigures figures, Goods goods, Contender contender, DrainResult result) {
        figures.add(key, goods.title(), contender.name(), PER_SECOND, result.perSecond());
        figures.add(key, goods.title(), contender.name(), "given up", result.givenUp());
        if (contender instanceof TurnstileDrain turnstile) {
            turnstile.tellCpu(figures, goods.title() + ", " + contender.name(), result);
        }
    }
}

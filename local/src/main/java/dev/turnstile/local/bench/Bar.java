package dev.turnstile.local.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Turnstile is held to, within one run: a ratio of two medians, or a figure in each of its repetitions. What is
 * measured stands beside it, whatever it is.
 *
 * @param claim in words
 * @param side whether the bound is the least or the most that is wanted
 * @param bound what must be kept
 * @param upper what is divided, or the figure itself
 * @param lower by what; null if it is a figure itself, whose worst repetition counts
 */
record Bar(
        String claim,
        Side side,
        double bound,
        Cell upper,
        @Nullable Cell lower) {

    /** On which side of its bound a value must be. */
    enum Side {
        AT_LEAST,
        AT_MOST
    }

    /** Where a figure stands. */
    record Cell(String suite, String workload, String contender, String metric) {}

    /** The measured value, or nothing if a part of it was not measured. */
    Optional<Double> value(BenchFigures figures) {
        Cell divisor = lower;
        if (divisor == null) {
            return find(figures, upper).map(side == Side.AT_LEAST ? Series::least : Series::most);
        }
        return find(figures, upper).map(Series::median).flatMap(above -> find(figures, divisor)
                .map(Series::median)
                .filter(below -> below > 0)
                .map(below -> above / below));
    }

    /** Whether a value keeps the bound. */
    boolean isHeld(double value) {
        return side == Side.AT_LEAST ? value >= bound : value <= bound;
    }

    private static Optional<Series> find(BenchFigures figures, Cell cell) {
        return figures.find(cell.suite(), cell.workload(), cell.contender(), cell.metric());
    }

    /** All of them. */
    static List<Bar> all() {
        String fair = "Turnstile fair";
        String distributed = "Turnstile distributed";
        String sql = "plain SQL, 32 connections";
        String fairLock = "Redisson RFairLock, 100 threads";
        String one = Goods.ONE_HOT.title();
        String three = Goods.THREE_HOT.title();
        String zipf = Goods.ZIPF.title();
        String capacity = "closed loop, 256 users";
        List<Bar> bars = new ArrayList<>(List.of(
                drain("one hot product: fair against plain SQL", 20, one, fair, sql),
                drain("one hot product: fair against the batch-insert floor", 0.4, one, fair, "batch-insert floor"),
                drain("one hot product: fair against Redisson's fair lock", 60, one, fair, fairLock),
                drain("one hot product: distributed against plain SQL", 15, one, distributed, sql),
                drain("one hot product: fair against distributed", 1, one, fair, distributed),
                drain("three hot products: fair against plain SQL", 15, three, fair, sql),
                drain("three hot products: fair against Redisson's fair multi-lock", 50, three, fair, fairLock),
                drain("three hot products: fair against distributed", 1, three, fair, distributed),
                drain("1,000 products: fair against distributed", 0.9, zipf, fair, distributed),
                catalogue("fair against distributed", 0.9, Goods.CATALOGUE, distributed),
                catalogue("fair against plain SQL", 3, Goods.CATALOGUE, sql),
                catalogue("fair against distributed", 0.9, Goods.CATALOGUE_ZIPF, distributed),
                catalogue("fair against plain SQL", 3, Goods.CATALOGUE_ZIPF, sql),
                crowd("crowd of 100: fair against the classic fair protocol", 8, 100, "classic fair", fair),
                crowd(
                        "crowd of 100: distributed against the classic fair protocol",
                        8,
                        100,
                        "classic fair",
                        distributed),
                crowd("crowd of 1,000: fair against the classic fair protocol", 30, 1_000, "classic fair", fair),
                crowd(
                        "crowd of 1,000: distributed against the classic fair protocol",
                        30,
                        1_000,
                        "classic fair",
                        distributed),
                crowd("crowd of 100: fair against distributed", 0.9, 100, distributed, fair),
                crowd("crowd of 1,000: fair against distributed", 0.9, 1_000, distributed, fair),
                ratio(
                        "HTTP capacity: fair against the no-op PATCH",
                        0.3,
                        new Cell(LoadSuite.KEY, capacity, fair, LoadSuite.CAPACITY),
                        new Cell(LoadSuite.KEY, capacity, LoadSuite.NO_OP, LoadSuite.CAPACITY)),
                backlog("one hot product", 15, one),
                backlog("three hot products per order", 10, three),
                mixed(false),
                mixed(true),
                lock("one key, 1 thread", LockSuite.workload(1, 1)),
                lock("one key, 8 threads", LockSuite.workload(1, 8)),
                lock("three keys, 1 thread", LockSuite.workload(3, 1)),
                lock("three keys, 8 threads", LockSuite.workload(3, 8))));
        bars.addAll(keys("fair", fair, "unfair losers by ticket", CrowdSuite.UNFAIR_BY_TICKET));
        bars.addAll(keys("distributed", distributed, "clearly unfair losers", CrowdSuite.CLEARLY_UNFAIR));
        return List.copyOf(bars);
    }

    private static Bar ratio(String claim, double least, Cell upper, Cell lower) {
        return new Bar(claim, Side.AT_LEAST, least, upper, lower);
    }

    /**
     * What an idempotency key of each user may cost a crowd of 1,000: little time, no outcome, and no place in the
     * line.
     */
    private static List<Bar> keys(String mode, String contender, String unfairness, String unfair) {
        String claim = "crowd of 1,000, each user with a key, " + mode + ": ";
        String withKeys = contender + CrowdSuite.WITH_KEYS;
        return List.of(
                new Bar(
                        claim + "time against that without keys",
                        Side.AT_MOST,
                        1.15,
                        crowd(1_000, withKeys, CrowdSuite.WALL),
                        crowd(1_000, contender, CrowdSuite.WALL)),
                new Bar(
                        claim + "users without an outcome",
                        Side.AT_MOST,
                        0,
                        crowd(1_000, withKeys, CrowdSuite.WITHOUT_OUTCOME),
                        null),
                new Bar(claim + unfairness, Side.AT_MOST, 0, crowd(1_000, withKeys, unfair), null));
    }

    private static Bar drain(String claim, double least, String workload, String upper, String lower) {
        return ratio(
                claim,
                least,
                new Cell(DrainSuite.KEY, workload, upper, DrainSuite.PER_SECOND),
                new Cell(DrainSuite.KEY, workload, lower, DrainSuite.PER_SECOND));
    }

    private static Bar catalogue(String claim, double least, Goods goods, String lower) {
        return ratio(
                goods.title() + ": " + claim,
                least,
                new Cell(DrainSuite.CATALOGUE, goods.title(), "Turnstile fair", DrainSuite.PER_SECOND),
                new Cell(DrainSuite.CATALOGUE, goods.title(), lower, DrainSuite.PER_SECOND));
    }

    private static Bar backlog(String what, double least, String workload) {
        return ratio(
                "a backlog of " + what + ", one worker: fair against plain SQL",
                least,
                new Cell(BacklogSuite.KEY, workload, BacklogSuite.FAIR, DrainSuite.PER_SECOND),
                new Cell(BacklogSuite.KEY, workload, BacklogSuite.PLAIN_SQL, DrainSuite.PER_SECOND));
    }

    private static Bar mixed(boolean keyedByOrder) {
        return ratio(
                "orders over shared products against one product, keyed by " + (keyedByOrder ? "order" : "product"),
                0.6,
                new Cell(
                        MixedSuite.KEY,
                        MixedSuite.workload(Goods.MIXED, keyedByOrder),
                        "Turnstile fair",
                        DrainSuite.PER_SECOND),
                new Cell(
                        MixedSuite.KEY,
                        MixedSuite.workload(Goods.ONE_HOT, keyedByOrder),
                        "Turnstile fair",
                        DrainSuite.PER_SECOND));
    }

    /** Of times, the slower one is divided. */
    private static Bar crowd(String claim, double least, int users, String slower, String faster) {
        return ratio(claim, least, crowd(users, slower, CrowdSuite.WALL), crowd(users, faster, CrowdSuite.WALL));
    }

    private static Cell crowd(int users, String contender, String metric) {
        return new Cell(CrowdSuite.KEY, CrowdSuite.workload(users), contender, metric);
    }

    private static Bar lock(String what, String workload) {
        return ratio(
                "bare lock, " + what + ": Turnstile's Redlock against RedissonRedLock",
                2,
                new Cell(LockSuite.KEY, workload, "Turnstile Redlock", LockSuite.PER_SECOND),
                new Cell(LockSuite.KEY, workload, "RedissonRedLock", LockSuite.PER_SECOND));
    }
}

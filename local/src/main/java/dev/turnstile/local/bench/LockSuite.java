package dev.turnstile.local.bench;

import dev.turnstile.local.bench.contender.BareLock;
import dev.turnstile.local.bench.contender.Contenders;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Locks that are acquired and released with no work in between: Turnstile's Redlock beside Redisson's locks. */
final class LockSuite implements Suite {

    static final String KEY = "locks";
    static final String PER_SECOND = "acquisitions/s";

    private static final long FIRST_KEY = 2_400_001;

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        List<Contenders.Entry<BareLock>> locks = Contenders.bareLocks();
        for (int keys : new int[] {1, 3}) {
            for (int threads : new int[] {1, 8}) {
                String workload = workload(keys, threads);
                locks.forEach(lock -> figures.expect(KEY, workload, lock.name(), PER_SECOND));
                for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                    progress.accept(String.format(
                            Locale.ROOT,
                            "bare locks, %s, %s",
                            workload,
                            repetition == 0 ? "warm-up" : "repetition " + repetition));
                    List<Contenders.Entry<BareLock>> turns = new ArrayList<>(locks);
                    Collections.shuffle(turns, random);
                    for (Contenders.Entry<BareLock> entry : turns) {
                        try (BareLock lock = entry.open(rig.servers())) {
                            BareLock.Acquisitions won = lock.contend(
                                    LongStream.range(FIRST_KEY, FIRST_KEY + keys)
                                            .boxed()
                                            .toList(),
                                    threads,
                                    plan.bareLocks());
                            if (repetition > 0) {
                                figures.add(KEY, workload, entry.name(), PER_SECOND, won.perSecond());
                            }
                        }
                    }
                }
            }
        }
    }

    static String workload(int keys, int threads) {
        return keys + (keys == 1 ? " key, " : " keys, ") + threads + (threads == 1 ? " thread" : " threads");
    }
}

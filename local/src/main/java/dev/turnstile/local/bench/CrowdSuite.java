package dev.turnstile.local.bench;

import dev.turnstile.local.bench.classic.ClassicSystem;
import dev.turnstile.local.demo.Answer.Told;
import dev.turnstile.local.demo.BuyerRecord;
import dev.turnstile.local.demo.Experiment;
import dev.turnstile.local.demo.Keys;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.process.FreePorts;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The experiment by which everything is judged, over HTTP: users who buy one piece each of three products at the same
 * moment, nine pieces for ten users. Turnstile, without idempotency keys and with them, beside the classic protocol,
 * both modes.
 */
final class CrowdSuite implements Suite {

    static final String KEY = "crowd";
    static final String WITH_KEYS = ", each user with a key";
    static final String WALL = "ms until all are answered";
    static final String WITHOUT_OUTCOME = "users without an outcome";
    static final String UNFAIR_BY_TICKET = "unfair losers by ticket";
    static final String CLEARLY_UNFAIR = "users refused who had sent 100 ms before one who was served";

    /** Longest time that a crowd is waited for; who is not answered by then is counted. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Who sent so much earlier came first, whatever the network did. */
    private static final Duration CLEARLY_EARLIER = Duration.ofMillis(100);

    /** Turnstile has run for minutes by now, the classic protocol has not. */
    private static final int WARM_UP = 6_000;

    private static final List<Long> PRODUCTS = List.of(2_300_001L, 2_300_002L, 2_300_003L);

    /** A target of requests, and which users send an idempotency key. */
    private record Target(String name, Mode mode, List<URI> apis, Keys keys) {}

    @Override
    public String key() {
        return KEY;
    }

    @Override
    public void measure(
            BenchEnvironment rig, BenchPlan plan, BenchFigures figures, Random random, Consumer<String> progress)
            throws Exception {
        int port = new FreePorts(new SecureRandom()).next();
        try (ClassicSystem classic = ClassicSystem.start(rig.run(), rig.servers(), port, 0)) {
            List<Target> targets = new ArrayList<>();
            for (Mode mode : Mode.values()) {
                List<URI> apis = rig.system().addresses().apis();
                targets.add(new Target(TurnstileDrain.name(mode), mode, apis, Keys.NONE));
                targets.add(new Target(TurnstileDrain.name(mode) + WITH_KEYS, mode, apis, Keys.ALL));
            }
            for (Mode mode : Mode.values()) {
                targets.add(new Target(classicName(mode), mode, List.of(classic.api()), Keys.NONE));
            }
            measure(targets, rig, plan, figures, random, progress);
        }
    }

    private static String classicName(Mode mode) {
        return "classic " + mode.name().toLowerCase(Locale.ROOT);
    }

    private static void measure(
            List<Target> targets,
            BenchEnvironment rig,
            BenchPlan plan,
            BenchFigures figures,
            Random random,
            Consumer<String> progress)
            throws Exception {
        for (int users : plan.crowds()) {
            targets.forEach(target -> figures.expect(KEY, workload(users), target.name(), WALL));
            Plan crowd = new Plan(users, users * 9 / 10, PRODUCTS, Duration.ZERO, WARM_UP, PATIENCE);
            for (int repetition = 0; repetition <= plan.repetitions(); repetition++) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "crowd of %,d, %s",
                        users,
                        repetition == 0 ? "warm-up" : "repetition " + repetition));
                List<Target> turns = new ArrayList<>(targets);
                Collections.shuffle(turns, random);
                for (Target target : turns) {
                    try (Experiment experiment =
                            new Experiment(crowd, target.apis(), TurnstileSystem.ADMIN_TOKEN, rig.ledger())) {
                        if (repetition == 0 && users == plan.crowds().get(0)) {
                            experiment.warmUp(target.mode());
                        }
                        ModeResult result = experiment.run(target.mode(), target.keys());
                        if (repetition > 0) {
                            record(figures, workload(users), target, result);
                        }
                    }
                }
            }
        }
    }

    static String workload(int users) {
        return String.format(Locale.ROOT, "%,d users", users);
    }

    private static void record(BenchFigures figures, String workload, Target target, ModeResult result) {
        figures.add(KEY, workload, target.name(), WALL, result.figures().wallMs());
        figures.add(KEY, workload, target.name(), "p50, ms", result.figures().p50Ms());
        figures.add(KEY, workload, target.name(), "p99, ms", result.figures().p99Ms());
        figures.add(KEY, workload, target.name(), "fulfilled", result.figures().fulfilled());
        figures.add(
                KEY,
                workload,
                target.name(),
                WITHOUT_OUTCOME,
                result.figures().errors() + result.figures().unanswered());
        Integer unfair = result.figures().unfairLosersByTicket();
        if (unfair != null) {
            figures.add(KEY, workload, target.name(), UNFAIR_BY_TICKET, unfair);
        }
        figures.add(KEY, workload, target.name(), CLEARLY_UNFAIR, clearlyUnfair(result.buyers()));
    }

    static int clearlyUnfair(List<BuyerRecord> buyers) {
        long lastServed = buyers.stream()
                .filter(buyer -> buyer.told() == Told.FULFILLED)
                .mapToLong(BuyerRecord::sentNanos)
                .max()
                .orElse(Long.MIN_VALUE);
        return (int) buyers.stream()
                .filter(buyer -> buyer.told() == Told.REFUSED)
                .filter(buyer -> buyer.sentNanos() + CLEARLY_EARLIER.toNanos() < lastServed)
                .count();
    }
}

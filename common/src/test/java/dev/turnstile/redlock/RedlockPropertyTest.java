package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.proof.Proofs;
import dev.turnstile.redis.RedisAddress;
import dev.turnstile.redlock.SimulatedNode.Flaw;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Redlock against random faults: messages delayed, lost and repeated, nodes that hang, die and forget, processes that
 * stop, and clocks that fail. Each run is a function of its seed, which a failure prints; {@code -Dturnstile.seed=…}
 * runs that one alone. Leases are of any length, and each process has its own, as while a longer one is brought in;
 * waits go from none to four leases.
 */
class RedlockPropertyTest {

    private static final int RUNS = Proofs.times(100, 5000);
    /** So many runs find each flaw, whatever the seed they begin with. */
    private static final int RUNS_FOR_A_FLAW = 2000;

    private static final double DRIFT_FACTOR = 0.01;
    private static final List<RedisAddress> NODES = IntStream.rangeClosed(1, 3)
            .mapToObj(i -> RedisAddress.of("redis://node:" + i))
            .toList();

    /** Settings of a buyer whose lease is at most the longest of any. */
    private static RedlockProperties properties(Duration lease, Duration maxLease) {
        return new RedlockProperties(
                NODES,
                lease,
                maxLease,
                DRIFT_FACTOR,
                20,
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                lease.dividedBy(7),
                lease.dividedBy(5));
    }

    /** What may go wrong besides the network, hanging nodes and stopped processes. */
    private record Faults(boolean clocksFail, boolean nodesForget, Flaw flaw) {}

    @Test
    void excludesAndTokensGrowWhileClocksBehave(TestReporter reporter) {
        repeat(
                reporter,
                "Redlock excludes and its tokens grow while messages fail and processes stop",
                new Faults(false, false, Flaw.NONE));
    }

    @Test
    void excludesAndTokensGrowWhenNodesForget(TestReporter reporter) {
        repeat(reporter, "the same when nodes forget", new Faults(false, true, Flaw.NONE));
    }

    @Test
    void ledgerRefusesStaleHoldersWhenClocksFail(TestReporter reporter) {
        repeat(reporter, "the ledger refuses stale holders when clocks fail", new Faults(true, false, Flaw.NONE));
    }

    @Test
    void ledgerRefusesStaleHoldersWhenClocksFailAndNodesForget(TestReporter reporter) {
        repeat(reporter, "the same when nodes forget too", new Faults(true, true, Flaw.NONE));
    }

    @Test
    void wouldFindNodesThatGrantWithoutMemory() {
        assertThatThrownBy(() -> repeat(new Faults(false, true, Flaw.GRANTS_WHEN_EMPTY), 1, RUNS_FOR_A_FLAW))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void wouldFindUnconditionalWriteBack() {
        int first = Proofs.times(750, 1); // from 1 on, 778 is the first that finds it
        assertThatThrownBy(() -> repeat(new Faults(true, false, Flaw.BLIND_WRITE_BACK), first, RUNS_FOR_A_FLAW))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("order of grants");
    }

    @Test
    void wouldFindReleaseOfAnothersLock() {
        assertThatThrownBy(() -> repeat(new Faults(false, false, Flaw.BLIND_RELEASE), 1, RUNS_FOR_A_FLAW))
                .isInstanceOf(AssertionError.class);
    }

    private static void repeat(TestReporter reporter, String what, Faults faults) {
        Long only = Long.getLong("turnstile.seed");
        if (only == null) {
            long firstSeed = System.nanoTime();
            Proofs.show(reporter, what, RUNS + " simulated runs, seeds from " + firstSeed);
            repeat(faults, firstSeed, RUNS);
        } else {
            repeat(faults, only, 1);
        }
    }

    private static void repeat(Faults faults, long firstSeed, int runs) {
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            try {
                new Run(seed, faults).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("with " + faults + " and -Dturnstile.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** One acquisition and what became of it. */
    private static final class Holding {
        private final Set<Long> products;
        private final long begun;
        private final long complete;
        private final Lease lease;

        Holding(Set<Long> products, long begun, long complete, Lease lease) {
            this.products = products;
            this.begun = begun;
            this.complete = complete;
            this.lease = lease;
        }

        boolean restsOn(SimulatedNode.Grant grant) {
            return grant.carries(((HeldLease) lease).claim(), lease.token());
        }

        boolean sharesProductWith(Holding other) {
            return !Collections.disjoint(products, other.products);
        }
    }

    private static final class Run {

        private static final int BUYERS = 3;
        private static final Duration FAULTY = Duration.ofSeconds(6);

        private final Random random;
        private final Duration maxLease;
        private final Faults faults;
        private final ManualTime time = new ManualTime();
        private final List<SimulatedNode> nodes = new ArrayList<>();
        private final List<Buyer> buyers = new ArrayList<>();
        private final List<Holding> holdings = new ArrayList<>();
        private final Map<Long, Long> ledger = new HashMap<>();
        private final List<Holding> committed = new ArrayList<>();
        private boolean calm;
        private @Nullable AssertionError violation;

        Run(long seed, Faults faults) {
            this.random = new Random(seed);
            this.maxLease = Duration.ofMillis(100 + random.nextInt(500));
            this.faults = faults;
            for (int i = 0; i < NODES.size(); i++) {
                double rate = 1 + (random.nextDouble() * 2 - 1) * DRIFT_FACTOR / 2;
                nodes.add(new SimulatedNode("node-" + i, time, rate, faults.flaw()));
            }
            AtomicLong epoch = new AtomicLong();
            for (int i = 0; i < BUYERS; i++) {
                buyers.add(new Buyer(epoch::incrementAndGet));
            }
        }

        void run() {
            buyers.forEach(Buyer::live);
            breakSomething();
            if (faults.clocksFail()) {
                expireSomething();
            }
            time.advance(FAULTY);
            calm = true;
            nodes.forEach(SimulatedNode::comeUp);
            nodes.forEach(SimulatedNode::resume);
            time.advance(maxLease.multipliedBy(8));
            if (violation != null) {
                throw violation;
            }
            int before = holdings.size();
            time.advance(maxLease.multipliedBy(4));
            assertThat(holdings.size())
                    .as("acquisitions once faults have stopped")
                    .isGreaterThan(before);
            buyers.forEach(buyer -> buyer.stopped = true);
            time.advance(maxLease.multipliedBy(8));
            holdings.forEach(holding ->
                    assertThat(holding.lease.isHeld()).as("held at the end").isFalse());
        }

        private void breakSomething() {
            if (calm) {
                return;
            }
            SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(4)) {
                case 0 -> {
                    node.hang();
                    time.after(upTo(maxLease.multipliedBy(2)), node::resume);
                }
                case 1 -> {
                    node.goDown();
                    time.after(upTo(maxLease), node::comeUp);
                }
                case 2 -> buyers.get(random.nextInt(BUYERS)).pause(upTo(maxLease.multipliedBy(2)));
                default -> {
                    if (faults.nodesForget()) {
                        node.loseMemory();
                    }
                }
            }
            time.after(upTo(maxLease), this::breakSomething);
        }

        private void expireSomething() {
            if (!calm) {
                nodes.get(random.nextInt(nodes.size())).expireNow(1 + random.nextInt(3));
                time.after(upTo(Duration.ofMillis(20)), this::expireSomething);
            }
        }

        private Duration upTo(Duration limit) {
            return Duration.ofNanos(random.nextLong(limit.toNanos()));
        }

        private void won(Buyer buyer, Set<Long> products, long begun, Lease lease) {
            Holding won = new Holding(products, begun, time.elapsed(), lease);
            for (Holding other : holdings) {
                if (other.complete < won.begun) {
                    assertThat(lease.token())
                            .as("token of who began after the other was complete")
                            .isGreaterThan(other.lease.token());
                }
                if (won.sharesProductWith(other)) {
                    nodes.forEach(node -> assertTokensInOrderOfGrants(node, other, won));
                }
                if (!faults.clocksFail() && won.sharesProductWith(other)) {
                    assertThat(other.lease.isHeld() && lease.isHeld())
                            .as("two hold %s and %s", other.products, products)
                            .isFalse();
                    assertThat(lease.token()).as("token of who completed later").isGreaterThan(other.lease.token());
                }
            }
            holdings.add(won);
            buyer.after(upTo(maxLease.multipliedBy(2)), () -> {
                commit(buyer, won);
                lease.release();
                buyer.live();
            });
        }

        /** Where two majorities meet, who was granted later has the greater token, whatever clocks do. */
        private void assertTokensInOrderOfGrants(SimulatedNode node, Holding one, Holding two) {
            int ones = -1;
            int twos = -1;
            for (int i = 0; i < node.grants().size(); i++) {
                ones = one.restsOn(node.grants().get(i)) ? i : ones;
                twos = two.restsOn(node.grants().get(i)) ? i : twos;
            }
            if (ones >= 0 && twos >= 0) {
                assertThat(Integer.compare(ones, twos))
                        .as("order of grants at %s against order of tokens", node)
                        .isEqualTo(Long.compare(one.lease.token(), two.lease.token()));
            }
        }

        private void commit(Buyer buyer, Holding holding) {
            long last = holding.products.stream()
                    .mapToLong(product -> ledger.getOrDefault(product, 0L))
                    .max()
                    .orElseThrow();
            if (holding.lease.token() <= last) {
                buyer.redlock.raiseFloor(last);
                return;
            }
            for (Holding other : committed) {
                assertThat(other.sharesProductWith(holding) && other.begun > holding.complete)
                        .as("stale write accepted after that of a later holder")
                        .isFalse();
            }
            committed.add(holding);
            holding.products.forEach(product -> ledger.put(product, holding.lease.token()));
        }

        /** A buyer that may be stopped for a while: what happens meanwhile reaches it afterwards. */
        private final class Buyer implements RedlockTimer, SimulatedNode.Network {

            private final Redlock redlock;
            private long resumes;
            private boolean stopped;

            Buyer(EpochSource epochs) {
                redlock = new Redlock(
                        nodes.stream().map(node -> node.over(this)).toList(),
                        properties(maxLease.minus(upTo(maxLease.dividedBy(2))), maxLease),
                        epochs,
                        Runnable::run,
                        this,
                        random,
                        () -> {});
            }

            void live() {
                if (stopped) {
                    return;
                }
                Set<Long> products = new TreeSet<>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    products.add(1L + random.nextInt(3));
                }
                long begun = time.elapsed();
                Duration wait = random.nextInt(4) == 0 ? Duration.ZERO : upTo(maxLease.multipliedBy(4));
                redlock.acquire(products, wait).thenAccept(lease -> {
                    if (lease.isPresent()) {
                        try {
                            won(this, new HashSet<>(products), begun, lease.get());
                        } catch (AssertionError e) {
                            // A stage would swallow it.
                            violation = violation == null ? e : violation;
                        }
                    } else {
                        after(upTo(maxLease), this::live);
                    }
                });
            }

            void pause(Duration duration) {
                resumes = Math.max(resumes, time.elapsed() + duration.toNanos());
            }

            @Override
            public long nanoTime() {
                return time.nanoTime();
            }

            @Override
            public Alarm after(Duration delay, Runnable task) {
                return time.after(delay, () -> deliver(task));
            }

            @Override
            public void close() {}

            @Override
            public @Nullable Duration travel() {
                if (!calm && random.nextInt(50) == 0) {
                    return null;
                }
                boolean slow = !calm && random.nextInt(20) == 0;
                return upTo(slow ? maxLease : Duration.ofMillis(3));
            }

            @Override
            public boolean repeats() {
                return !calm && random.nextInt(30) == 0;
            }

            @Override
            public void deliver(Runnable task) {
                if (time.elapsed() < resumes) {
                    time.after(Duration.ofNanos(resumes - time.elapsed()), () -> deliver(task));
                } else {
                    task.run();
                }
            }
        }
    }
}

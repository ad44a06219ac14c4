package dev.turnstile.redlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.turnstile.redis.RedisAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redlock over three nodes that answer after 1 ms each way, on a clock turned by hand. */
class RedlockTest {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration NODE_TIMEOUT = Duration.ofMillis(100);
    private static final Duration ROUND_TRIP = Duration.ofMillis(2);
    private static final RedlockProperties PROPERTIES = new RedlockProperties(
            IntStream.rangeClosed(1, 3)
                    .mapToObj(i -> RedisAddress.of("redis://node:" + i))
                    .toList(),
            LEASE,
            LEASE,
            0.01,
            50,
            Duration.ofMillis(10),
            Duration.ofMillis(10),
            NODE_TIMEOUT,
            Duration.ofSeconds(1));

    private final ManualTime time = new ManualTime();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final AtomicLong epoch = new AtomicLong(1);
    private final AtomicLong asked = new AtomicLong();
    private Redlock redlock;

    @BeforeEach
    void threeSeededNodes() {
        for (int i = 0; i < 3; i++) {
            SimulatedNode node = new SimulatedNode("node-" + i, time);
            node.count(1L << 40);
            nodes.add(node);
        }
        redlock = newRedlock();
        time.advance(ROUND_TRIP);
        asked.set(0);
    }

    private Redlock newRedlock() {
        SimulatedNode.Network network = () -> {
            asked.incrementAndGet();
            return Duration.ofMillis(1);
        };
        return new Redlock(
                nodes.stream().map(node -> node.over(network)).toList(),
                PROPERTIES,
                epoch::incrementAndGet,
                Runnable::run,
                time,
                new Random(1),
                () -> {});
    }

    private CompletableFuture<Optional<Lease>> acquire(Duration wait, Long... products) {
        return redlock.acquire(List.of(products), wait).toCompletableFuture();
    }

    private Lease acquireNow(Long... products) {
        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, products);
        time.advance(ROUND_TRIP.multipliedBy(2));
        return lease.getNow(Optional.empty()).orElseThrow();
    }

    @Test
    void holdsAllProductsOnAllNodes() {
        Lease lease = acquireNow(1L, 2L, 3L);

        assertThat(lease.isHeld()).isTrue();
        assertThat(lease.productIds()).containsExactly(1L, 2L, 3L);
        assertThat(nodes).allMatch(node -> node.holds(1) && node.holds(2) && node.holds(3));
    }

    @Test
    void validityIsLeaseLessElapsedLessDrift() {
        Lease lease = acquireNow(1L);

        assertThat(lease.remaining())
                .isEqualTo(LEASE.minus(ROUND_TRIP.multipliedBy(2)).minus(Duration.ofMillis(32)));
    }

    @Test
    void isAsQuickWithOneNodeDown() {
        nodes.get(1).goDown();

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L);
        time.advance(ROUND_TRIP);

        assertThat(lease).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void isAsQuickWithOneNodeHanging() {
        nodes.get(0).hang();

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L);
        time.advance(ROUND_TRIP);

        assertThat(lease).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void skipsANodeThatWasTooSlowAndAsksItAgainLater() {
        nodes.get(0).hang();
        Lease lease = acquireNow(1L);
        time.advance(NODE_TIMEOUT);
        lease.release();
        time.advance(NODE_TIMEOUT);
        nodes.get(0).resume();
        time.advance(ROUND_TRIP);

        Lease during = acquireNow(2L);
        assertThat(nodes.get(0).holds(2)).isFalse();
        during.release();
        time.advance(PROPERTIES.nodeRest());

        acquireNow(2L);
        assertThat(nodes.get(0).holds(2)).isTrue();
    }

    @Test
    void isRefusedWhereTwoOfThreeAreHeldElsewhere() {
        nodes.get(0).holdForAnother(1);
        nodes.get(1).holdForAnother(1);

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L, 2L);
        time.advance(ROUND_TRIP);

        assertThat(lease).isCompletedWithValue(Optional.empty());
        time.advance(ROUND_TRIP);
        assertThat(nodes.get(2).holds(1)).as("released").isFalse();
        assertThat(nodes).noneMatch(node -> node.holds(2));
    }

    @Test
    void isAcquiredWhereOneOfThreeIsHeldElsewhere() {
        nodes.get(0).holdForAnother(1);

        assertThat(acquireNow(1L, 2L).isHeld()).isTrue();
        assertThat(nodes.get(0).holds(2)).as("no part of the set").isFalse();
    }

    @Test
    void waitOfZeroIsOneTry() {
        nodes.forEach(node -> node.holdForAnother(1));

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L);
        time.advance(Duration.ofSeconds(1));

        assertThat(lease).isCompletedWithValue(Optional.empty());
        assertThat(asked)
                .as("messages of one claim and one release, there and back")
                .hasValue(12);
    }

    @Test
    void retriesEndWithTheWait() {
        nodes.forEach(node -> node.holdForAnother(1));

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ofMillis(100), 1L);
        time.advance(Duration.ofMillis(99));
        assertThat(lease).isNotDone();
        time.advance(Duration.ofMillis(1).plus(ROUND_TRIP));

        assertThat(lease).isCompletedWithValue(Optional.empty());
    }

    @Test
    void retriesEndWhenUsedUp() {
        nodes.forEach(node -> node.holdForAnother(1));

        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ofHours(1), 1L);
        time.advance(Duration.ofMillis(51 * 22));

        assertThat(lease).isCompletedWithValue(Optional.empty());
    }

    @Test
    void isWonOnceTheHolderReleases() {
        Lease first = acquireNow(1L);
        CompletableFuture<Optional<Lease>> second = acquire(Duration.ofSeconds(1), 1L);
        time.advance(Duration.ofMillis(200));
        assertThat(second).isNotDone();

        first.release();
        time.advance(Duration.ofMillis(40));

        assertThat(second.join().orElseThrow().token()).isGreaterThan(first.token());
    }

    @Test
    void cancelledAcquisitionLeavesNothingHeld() {
        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ofSeconds(1), 1L, 2L);
        time.advance(Duration.ofMillis(1));
        lease.cancel(false);
        time.advance(ROUND_TRIP.multipliedBy(2));

        assertThat(nodes).noneMatch(node -> node.holds(1) || node.holds(2));
    }

    @Test
    void lateGrantIsGivenBack() {
        nodes.get(0).hang();
        nodes.get(1).holdForAnother(1);
        nodes.get(2).holdForAnother(1);
        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L);
        time.advance(NODE_TIMEOUT);

        nodes.get(0).resume();
        time.advance(ROUND_TRIP.multipliedBy(2));

        assertThat(lease).isCompletedWithValue(Optional.empty());
        assertThat(nodes.get(0).holds(1)).isFalse();
    }

    @Test
    void tokenIsTheGreatestCounterOfTheMajorityAndIsWrittenBack() {
        nodes.get(0).count((1L << 40) + 70);
        nodes.get(2).goDown();

        Lease lease = acquireNow(1L);

        assertThat(lease.token()).isEqualTo((1L << 40) + 71);
        assertThat(nodes.get(1).counter()).isEqualTo(lease.token());
    }

    @Test
    void isNotWonWhenAGrantIsGoneBeforeItIsConfirmed() {
        nodes.get(0).count((1L << 40) + 70);
        nodes.get(2).goDown();
        CompletableFuture<Optional<Lease>> lease = acquire(Duration.ZERO, 1L);
        time.advance(ROUND_TRIP);

        nodes.get(1).expireNow(1);
        time.advance(ROUND_TRIP);

        assertThat(lease).isCompletedWithValue(Optional.empty());
        assertThat(nodes.get(1).counter()).isLessThan((1L << 40) + 70);
    }

    @Test
    void tokenIsAboveTheFloor() {
        redlock.raiseFloor(3L << 40);

        assertThat(acquireNow(1L).token()).isGreaterThan(3L << 40);
        assertThatIllegalArgumentException().isThrownBy(() -> redlock.raiseFloor(1L << 53));
    }

    @Test
    void leaseIsExtendedWhileHeldAndEndsWithRelease() {
        Lease lease = acquireNow(1L);
        time.advance(LEASE.multipliedBy(10));
        assertThat(lease.isHeld()).isTrue();
        assertThat(nodes).allMatch(node -> node.holds(1));

        CompletableFuture<Void> released = lease.release().toCompletableFuture();
        time.advance(ROUND_TRIP);
        asked.set(0);
        time.advance(LEASE.multipliedBy(2));

        assertThat(released).isCompleted();
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.lost().toCompletableFuture()).isNotDone();
        assertThat(asked.get())
                .as("messages after the release: questions and answers of two checks of all memories")
                .isLessThanOrEqualTo(2 * 2L * nodes.size());
        assertThat(nodes).noneMatch(node -> node.holds(1));
    }

    @Test
    void leaseIsLostWhenItsValidityEndsUnextended() {
        Lease lease = acquireNow(1L);
        nodes.get(0).goDown();
        nodes.get(1).hang();
        Duration validity = lease.remaining();

        time.advance(validity.minusMillis(1));
        assertThat(lease.lost().toCompletableFuture()).isNotDone();
        time.advance(Duration.ofMillis(1));

        assertThat(lease.lost().toCompletableFuture()).isCompleted();
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void leaseIsLostAtOnceWhenAMajorityDeniesIt() {
        Lease lease = acquireNow(1L);
        nodes.get(0).expireNow(1);
        nodes.get(1).expireNow(1);

        time.advance(LEASE.dividedBy(3).plus(ROUND_TRIP));

        assertThat(lease.lost().toCompletableFuture()).isCompleted();
    }

    @Test
    void leaseSurvivesABriefOutageOfTheMajority() {
        Lease lease = acquireNow(1L);
        nodes.get(0).goDown();
        nodes.get(1).goDown();
        time.advance(LEASE.dividedBy(2));
        nodes.get(0).comeUp();
        time.advance(LEASE.multipliedBy(2));

        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void doesNotReleaseSuccessorsLock() {
        Lease first = acquireNow(1L);
        nodes.forEach(node -> node.expireNow(1));
        Lease second = acquireNow(1L);

        first.release();
        time.advance(ROUND_TRIP);

        assertThat(nodes).allMatch(node -> node.holds(1));
        assertThat(second.token()).isGreaterThan(first.token());
    }

    @Test
    void nodeThatForgotGrantsNothingForOneLeaseAndThenCountsFromANewEpoch() {
        Lease held = acquireNow(1L);
        SimulatedNode forgetful = nodes.get(0);
        forgetful.loseMemory();
        nodes.get(1).goDown();
        CompletableFuture<Optional<Lease>> rival = acquire(Duration.ZERO, 2L);
        time.advance(ROUND_TRIP.multipliedBy(2));
        assertThat(rival).isCompletedWithValue(Optional.empty());
        assertThat(forgetful.counter()).isNull();
        nodes.get(1).comeUp();

        time.advance(LEASE.plusMillis(100));

        assertThat(forgetful.counter()).isEqualTo(2L << 40);
        assertThat(acquireNow(2L).token()).isGreaterThan(held.token());
    }

    @Test
    void nodeThatForgotWhileNobodyWantedALockIsFoundAndSeeded() {
        nodes.get(2).loseMemory();

        time.advance(LEASE.multipliedBy(2).plusMillis(100));

        assertThat(nodes.get(2).counter()).isEqualTo(2L << 40);
    }

    @Test
    void firstEpochEverIsInstalledAtOnce() {
        nodes.forEach(SimulatedNode::loseMemory);
        epoch.set(0);
        redlock = newRedlock();

        time.advance(ROUND_TRIP.multipliedBy(2));

        assertThat(nodes).allMatch(node -> Long.valueOf(1L << 40).equals(node.counter()));
        assertThat(epoch).as("one epoch for all nodes").hasValue(1);
    }

    @Test
    void epochsThatStartAgainAreCaughtUp() {
        nodes.get(1).count(5L << 40);
        epoch.set(0);
        nodes.get(0).loseMemory();
        acquireNow(1L);

        time.advance(LEASE.plusMillis(100));

        assertThat(nodes.get(0).counter()).isEqualTo(6L << 40);
    }

    @Test
    void oneProcessDrawsTheEpochOfARestart() {
        Redlock other = newRedlock();
        time.advance(ROUND_TRIP);
        nodes.get(0).loseMemory();
        acquireNow(1L);
        other.acquire(List.of(2L), Duration.ZERO);

        time.advance(LEASE.plusMillis(100));

        assertThat(nodes.get(0).counter()).isEqualTo(2L << 40);
        assertThat(epoch).hasValue(2);
    }

    @Test
    void closeEndsWaitingAndReleases() {
        Lease lease = acquireNow(1L);
        CompletableFuture<Optional<Lease>> waiting = acquire(Duration.ofSeconds(10), 1L);
        Thread.currentThread().interrupt(); // close waits for answers, which come only when this thread turns the clock

        redlock.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(waiting).isCompletedWithValue(Optional.empty());
        assertThat(lease.lost().toCompletableFuture()).isCompleted();
        time.advance(ROUND_TRIP);
        assertThat(nodes).noneMatch(node -> node.holds(1));
    }

    @Test
    void needsProductsAndAWaitThatIsNotNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> redlock.acquire(List.of(), Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> redlock.acquire(List.of(1L), Duration.ofMillis(-1)));
    }
}

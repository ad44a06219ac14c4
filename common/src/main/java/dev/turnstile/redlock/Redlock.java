package dev.turnstile.redlock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.redisson.api.RedissonClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock held by a majority of independent Redis masters, with a fencing token.
 *
 * <p>The algorithm is the published one [1]: one script per node that takes all keys of a set or none, sent to all
 * nodes at once; acquired at the first majority; validity = lease − elapsed − drift; else all keys are released and
 * tried again after a random delay. What it lacks, as [2] shows, is a token that a store can check. Here each node
 * counts its grants, the token is the greatest counter in the majority, and the majority confirms it before the lease
 * begins:
 *
 * <ul>
 *   <li>Two majorities share a node. It grants a key to one owner at a time, and an owner confirms only while it is
 *   still
 *       granted. So one of two owners confirmed there before the other was granted, and the other's grant, and with it
 *       its token, is greater.
 *   <li>Hence a store that takes only growing tokens refuses every owner that was overtaken, even when clocks fail and
 *       keys expire early, which breaks mutual exclusion itself.
 *   <li>A node that loses its memory grants nothing until it counts from a new epoch: see {@link Seeder}.
 * </ul>
 *
 * <p>Mutual exclusion assumes that clocks drift by less than the drift factor and that nodes remember; the growth of
 * tokens assumes only that nodes either remember exactly or forget everything, and that epochs never repeat.
 *
 * <ol>
 *   <li>Redis, "Distributed Locks with Redis" (Redlock).
 *   <li>Kleppmann 2016, "How to do distributed locking".
 * </ol>
 */
public final class Redlock implements ProductLock, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Redlock.class);

    /** Redis scripts count in doubles. */
    private static final long TOKEN_LIMIT = 1L << 53;

    /** Sets of products in one message, so that no script holds up a node for long. */
    private static final int MOST_TOGETHER = 100;

    private static final Duration FIRST_CONTACT = Duration.ofSeconds(2);

    private final Quorum quorum;
    private final Seeder seeder;
    private final Runnable releaseResources;
    private final String instance = UUID.randomUUID().toString();
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicLong floor = new AtomicLong();
    private final Set<HeldLease> held = ConcurrentHashMap.newKeySet();
    private final Set<Acquisition> waiting = ConcurrentHashMap.newKeySet();
    /** Guarded by itself. */
    private final List<Acquisition> retrying = new ArrayList<>();

    private volatile boolean closed;

    /**
     * Connects to the nodes in the properties, for which it waits up to 2 s; one that is down is tried again later.
     *
     * @param epochs what nodes without memory are seeded from
     */
    public static Redlock connect(RedlockProperties properties, EpochSource epochs) {
        RedlockClients clients = new RedlockClients(properties);
        return over(clients.clients(), properties, epochs, clients::close);
    }

    /**
     * Uses clients that the caller made and closes.
     *
     * @param nodes one client per node, in the order of the properties
     */
    public static Redlock over(List<RedissonClient> nodes, RedlockProperties properties, EpochSource epochs) {
        return over(nodes, properties, epochs, () -> {});
    }

    private static Redlock over(
            List<RedissonClient> clients, RedlockProperties properties, EpochSource epochs, Runnable closeClients) {
        if (clients.size() != properties.nodes().size()) {
            throw new IllegalArgumentException("turnstile.redlock.nodes lists "
                    + properties.nodes().size() + " masters, but there are " + clients.size() + " clients");
        }
        ExecutorService blocking = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "redlock-blocking");
            thread.setDaemon(true);
            return thread;
        });
        List<RedissonNode> nodes = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            nodes.add(new RedissonNode(properties.nodes().get(i).toString(), clients.get(i), blocking));
        }
        awaitFirstContact(nodes);
        return new Redlock(
                List.copyOf(nodes), properties, epochs, blocking, RedlockTimer.system(), new Random(), () -> {
                    closeClients.run();
                    blocking.shutdown();
                });
    }

    /** So that the first acquisition finds the nodes connected; one that is down is connected when it is up. */
    private static void awaitFirstContact(List<RedissonNode> nodes) {
        CompletableFuture<?>[] contacts =
                nodes.stream().map(RedissonNode::connect).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(contacts).get(FIRST_CONTACT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("not every Redlock node could be connected at the start: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * @param blocking where the epoch source is asked
     * @param releaseResources run by {@link #close}
     */
    Redlock(
            List<RedlockNode> nodes,
            RedlockProperties properties,
            EpochSource epochs,
            Executor blocking,
            RedlockTimer timing,
            RandomGenerator random,
            Runnable releaseResources) {
        List<WatchedNode> watched = nodes.stream()
                .map(node -> new WatchedNode(node, timing, properties))
                .toList();
        this.quorum = new Quorum(watched, properties, timing, random);
        this.seeder = new Seeder(quorum, epochs, blocking);
        this.releaseResources = releaseResources;
        // Seeds new nodes before the first order needs them.
        seeder.check();
    }

    /** {@inheritDoc} Empty also when all tries of {@code turnstile.redlock.retry-count} are used up or it is closed. */
    @Override
    public CompletionStage<Optional<Lease>> acquire(Collection<Long> productIds, Duration waitLimit) {
        return acquireEach(List.of(new Wanted(productIds, waitLimit))).get(0);
    }

    /**
     * What is to be won.
     *
     * @param productIds all of them or none
     * @param waitLimit how long to go on trying; zero is one try
     */
    public record Wanted(Collection<Long> productIds, Duration waitLimit) {

        /**
         * @throws IllegalArgumentException if there is no product or the limit is negative
         */
        public Wanted {
            if (productIds.isEmpty() || waitLimit.isNegative()) {
                throw new IllegalArgumentException(
                        "need at least one product and a wait of zero or more, got " + productIds + ", " + waitLimit);
            }
        }
    }

    /**
     * Does the same as {@link #acquire} for several sets of products, each on its own, some of which may be won and
     * others not. Each node gets one message for all of them, so it costs far less.
     *
     * @return in the order of what is wanted
     */
    public List<CompletionStage<Optional<Lease>>> acquireEach(List<Wanted> wanted) {
        List<Acquisition> acquisitions = wanted.stream()
                .map(one -> new Acquisition(
                        Collections.unmodifiableSortedSet(new TreeSet<>(one.productIds())), one.waitLimit()))
                .toList();
        attemptTogether(acquisitions);
        return acquisitions.stream()
                .<CompletionStage<Optional<Lease>>>map(acquisition -> acquisition.result)
                .toList();
    }

    /**
     * Releases several leases of this lock together, with one message to each node.
     *
     * @return completes as {@link Lease#release()} of the last of them; never exceptionally
     * @throws IllegalArgumentException if one is not of this lock
     */
    public CompletionStage<Void> releaseEach(Collection<Lease> leases) {
        List<HeldLease> ours = new ArrayList<>(leases.size());
        for (Lease lease : leases) {
            if (!(lease instanceof HeldLease held)) {
                throw new IllegalArgumentException("not a lease of Redlock: " + lease);
            }
            ours.add(held);
        }
        return HeldLease.release(ours);
    }

    /** Attempts that are due for a retry join the others, unless their time ends before. */
    private void retryLater(Acquisition acquisition, Duration left) {
        Duration delay = quorum.retryDelay();
        if (left.compareTo(delay) < 0) {
            quorum.timing().after(left, () -> attempt(List.of(acquisition)));
            return;
        }
        boolean first;
        synchronized (retrying) {
            first = retrying.isEmpty();
            retrying.add(acquisition);
        }
        if (first) {
            quorum.timing().after(delay, this::retry);
        }
    }

    private void retry() {
        List<Acquisition> together;
        synchronized (retrying) {
            together = List.copyOf(retrying);
            retrying.clear();
        }
        attemptTogether(together);
    }

    private void attemptTogether(List<Acquisition> acquisitions) {
        for (int from = 0; from < acquisitions.size(); from += MOST_TOGETHER) {
            attempt(acquisitions.subList(from, Math.min(acquisitions.size(), from + MOST_TOGETHER)));
        }
    }

    private void attempt(List<Acquisition> acquisitions) {
        List<Acquisition> open =
                acquisitions.stream().filter(Acquisition::isOpen).toList();
        if (open.isEmpty()) {
            return;
        }
        List<LockRequest> claims = open.stream()
                .map(acquisition -> new LockRequest(
                        acquisition.productIds,
                        instance + ":" + attempts.incrementAndGet(),
                        quorum.properties().lease()))
                .toList();
        List<CompletionStage<Optional<HeldLease>>> results =
                new AttemptBatch(quorum, claims, floor.get(), seeder::check).start();
        for (int i = 0; i < open.size(); i++) {
            results.get(i).thenAccept(open.get(i)::onEnd);
        }
    }

    /**
     * Makes all later tokens greater than this one. A backstop: a ledger that rejects a token returns its own.
     *
     * @throws IllegalArgumentException if it is not a token
     */
    public void raiseFloor(long token) {
        if (token < 0 || token >= TOKEN_LIMIT) {
            throw new IllegalArgumentException("not a token, which is at least 0 and below 2^53: " + token);
        }
        floor.accumulateAndGet(token, Math::max);
    }

    /** Ends all waiting with empty and releases all held leases. */
    @Override
    public void close() {
        closed = true;
        seeder.close();
        waiting.forEach(acquisition -> acquisition.end(Optional.empty()));
        CompletableFuture<?>[] releases = held.stream()
                .map(lease -> lease.abandon().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(releases)
                    .get(quorum.properties().nodeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("{} leases may stay until they expire: not released in time", releases.length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        quorum.timing().close();
        releaseResources.run();
    }

    /** One call of {@link #acquire}: attempts until one wins or time or tries are used up. */
    private final class Acquisition {

        private final SortedSet<Long> productIds;
        private final long deadline;
        private final CompletableFuture<Optional<Lease>> result = new CompletableFuture<>();
        private int retries;

        Acquisition(SortedSet<Long> productIds, Duration waitLimit) {
            this.productIds = productIds;
            this.deadline = quorum.timing().nanoTime() + waitLimit.toNanos();
            waiting.add(this);
        }

        /** Whether it is still to be won; it ends when the lock is closed. */
        boolean isOpen() {
            if (closed || result.isDone()) {
                end(Optional.empty());
                return false;
            }
            return true;
        }

        private void onEnd(Optional<HeldLease> won) {
            if (won.isPresent()) {
                handOver(won.get());
                return;
            }
            Duration left = Duration.ofNanos(deadline - quorum.timing().nanoTime());
            if (left.isNegative()
                    || left.isZero()
                    || retries == quorum.properties().retryCount()) {
                end(Optional.empty());
                return;
            }
            retries++;
            retryLater(this, left);
        }

        private void handOver(HeldLease lease) {
            raiseFloor(lease.token());
            held.add(lease);
            lease.over().thenRun(() -> held.remove(lease));
            // Not delivered if the caller has cancelled or the lock was closed meanwhile.
            if (!end(Optional.of(lease))) {
                lease.release();
            }
        }

        /** False if the caller has cancelled or it had ended before. */
        boolean end(Optional<Lease> outcome) {
            waiting.remove(this);
            return result.complete(outcome);
        }
    }
}

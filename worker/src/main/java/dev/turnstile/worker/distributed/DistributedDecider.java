package dev.turnstile.worker.distributed;

import static java.util.Objects.requireNonNull;

import dev.turnstile.order.Order;
import dev.turnstile.order.Outcome;
import dev.turnstile.redlock.Lease;
import dev.turnstile.redlock.Redlock;
import dev.turnstile.redlock.RedlockProperties;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.LeaseLostException;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.StaleFenceException;
import dev.turnstile.stock.StockCache;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.RunDecider;
import dev.turnstile.worker.RunReplies;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.WorkerProperties;
import dev.turnstile.worker.distributed.Backlog.Component;
import dev.turnstile.worker.reply.ReplySender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Decides distributed orders. Those that share products, directly or over others, form a component, which takes one
 * lock; no thread waits for it. Components whose locks are won go together into one transaction, each with its own
 * fencing token, so that rivals are workers and not orders, and a commit serves many.
 *
 * <p>What fails is tried again, and the ledger answers what it had decided before with the stored outcome.
 */
final class DistributedDecider implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(DistributedDecider.class);

    /** How long an answer waits for the cache to be written. */
    private static final Duration CACHE_PATIENCE = Duration.ofMillis(250);

    /** After what time an action is retried that failed because a server is down. */
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(1);

    /** A session of the ledger that is unused for this long is released. */
    private static final Duration IDLE = Duration.ofMillis(100);

    /** Transactions whose answers may be on their way at once, for each that may be under way. */
    private static final int ANSWERED_AT_ONCE = 4;

    /** How long a won lock waits for others that were asked for with it. */
    private static final Duration GATHERING = Duration.ofMillis(3);

    private static final Executor LATER =
            CompletableFuture.delayedExecutor(RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);

    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    /** What the lock said, and when it was asked and said it; no lease if it was not won in time. */
    private record Answered(Component component, @Nullable Lease lease, long askedNanos, long atNanos) {

        List<Order> orders() {
            return component.orders();
        }

        Set<Long> productIds() {
            return component.productIds();
        }
    }

    private final InFlightOrders<Order> kept;
    private final Redlock lock;
    private final Duration lease;
    private final Ledger ledger;
    private final StockCache cache;
    private final RunReplies answers;
    private final WorkerProperties properties;
    private final DecisionTelemetry watch;
    private final VitalThreads vitalThreads;
    private final Backlog backlog;
    private final LedgerPulse pulse;
    private final FailureLog failures = new FailureLog(log, "deciding distributed orders");
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Semaphore answersUnderWay;
    private final ExecutorService answering =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "distributed-answers"));

    /** The latest known time of the cache: a later read of the ledger is at least as new. */
    private final AtomicLong lastCacheTime = new AtomicLong();

    // Guarded by this.
    private final Deque<Answered> ready = new ArrayDeque<>();
    /** Orders whose locks were requested and are not released. */
    private int underWay;
    /** Locks that were asked for and not answered. */
    private int asking;

    private long lastAsked;
    private boolean running;
    private final List<Thread> threads = new ArrayList<>();

    /** Makes a decider of the orders that are kept there. */
    DistributedDecider(
            InFlightOrders<Order> kept,
            Redlock lock,
            RedlockProperties lockProperties,
            Ledger ledger,
            StockCache cache,
            ReplySender replies,
            WorkerProperties properties,
            DecisionTelemetry watch,
            VitalThreads vitalThreads) {
        this.kept = kept;
        this.lock = lock;
        this.lease = lockProperties.lease();
        this.ledger = ledger;
        this.cache = cache;
        this.answers = new RunReplies(kept, replies, watch);
        this.properties = properties;
        this.watch = watch;
        this.vitalThreads = vitalThreads;
        this.pulse = new LedgerPulse(ledger, System::nanoTime);
        this.backlog = new Backlog(
                properties.lockWait(),
                lockProperties.retryDelay().plus(lockProperties.retryJitter()),
                System::nanoTime);
        this.answersUnderWay = new Semaphore(properties.parallelism() * ANSWERED_AT_ONCE);
    }

    /** How many orders wait for their lock. */
    int waiting() {
        return backlog.size();
    }

    /** Goes on with orders that were kept since. */
    void onKept() {
        backlog.add(kept.take(Integer.MAX_VALUE));
        advance();
    }

    @Override
    public synchronized void start() {
        running = true;
        for (int i = 0; i < properties.parallelism(); i++) {
            threads.add(vitalThreads.start("distributed-decider-" + i, this::run));
        }
    }

    /**
     * Finishes and answers the transactions in hand. Orders that wait for a lock are left to the worker that gets their
     * partition.
     */
    @Override
    public void stop() {
        List<Thread> stopping;
        List<Lease> unused;
        stopped.countDown();
        synchronized (this) {
            running = false;
            notifyAll();
            stopping = List.copyOf(threads);
            threads.clear();
            unused =
                    ready.stream().map(Answered::lease).filter(Objects::nonNull).toList();
            ready.clear();
        }
        lock.releaseEach(unused);
        try {
            for (Thread thread : stopping) {
                thread.join(STOP_LIMIT.toMillis());
            }
            if (!answersUnderWay.tryAcquire(
                    properties.parallelism() * ANSWERED_AT_ONCE, STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("some decided orders could not be answered; they are answered when they are redelivered");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answering.shutdown();
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    /** Asks for the locks of what waits and is free, as far as the deciding threads will want it. */
    private void advance() {
        while (true) {
            List<Component> components;
            long asked = System.nanoTime();
            synchronized (this) {
                int room = properties.parallelism() * properties.batch() - underWay;
                components = running && room > 0 ? backlog.claim(Math.min(room, properties.batch())) : List.of();
                if (components.isEmpty()) {
                    return;
                }
                underWay += components.stream()
                        .mapToInt(component -> component.orders().size())
                        .sum();
                asking += components.size();
                lastAsked = asked;
            }
            List<CompletionStage<Optional<Lease>>> locks = lock.acquireEach(components.stream()
                    .map(component -> new Redlock.Wanted(component.productIds(), component.patience()))
                    .toList());
            for (int i = 0; i < locks.size(); i++) {
                Component component = components.get(i);
                locks.get(i).thenAccept(won -> {
                    long answered = System.nanoTime();
                    watch.lockWaited(won.isPresent(), answered - asked);
                    onAnswer(new Answered(component, won.orElse(null), asked, answered));
                });
            }
        }
    }

    private void onAnswer(Answered answered) {
        if (answered.lease() != null) {
            backlog.won(answered.productIds());
        }
        synchronized (this) {
            asking--;
            if (running) {
                ready.add(answered);
                notify();
                return;
            }
        }
        if (answered.lease() != null) {
            answered.lease().release();
        }
    }

    private void run() {
        try (RunDecider runs = new RunDecider(ledger, lease, properties.batch())) {
            while (isRunning()) {
                List<Answered> components = next(runs.limit());
                if (components.isEmpty()) {
                    runs.close();
                    advance(); // a product may have rested
                    askLedgerForThoseWhoWait();
                } else {
                    decide(components, runs);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("deciding threads are not interrupted", e);
        }
    }

    /** Locks that are not acquired may be held by workers whose transactions stall. */
    private void askLedgerForThoseWhoWait() {
        synchronized (this) {
            if (asking == 0) {
                return;
            }
        }
        try {
            pulse.askNowAndThen();
        } catch (RuntimeException e) {
            failures.failed(LedgerFailure.describe(e));
        }
    }

    /** Components whose locks were won, with so many orders in all, or one whose lock was not; none after a while. */
    private synchronized List<Answered> next(int most) throws InterruptedException {
        if (ready.isEmpty()) {
            awaitReady();
        }
        gather(most);
        List<Answered> components = new ArrayList<>();
        int orders = 0;
        while (running && !ready.isEmpty()) {
            Answered component = ready.element();
            orders += component.orders().size();
            if (!components.isEmpty() && (orders > most || component.lease() == null)) {
                break;
            }
            components.add(ready.remove());
            if (component.lease() == null) {
                break;
            }
        }
        return components;
    }

    private synchronized void awaitReady() throws InterruptedException {
        long rest = backlog.nextRested().orElse(IDLE).toNanos();
        long deadline = System.nanoTime() + Math.min(rest, IDLE.toNanos());
        while (running && ready.isEmpty() && deadline - System.nanoTime() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
        }
    }

    /** Locks that were asked for at the same time are won within a moment of each other. */
    private synchronized void gather(int most) throws InterruptedException {
        while (running
                && !ready.isEmpty()
                && asking > 0
                && ready.stream()
                                .mapToInt(component -> component.orders().size())
                                .sum()
                        < most) {
            long left = lastAsked + GATHERING.toNanos() - System.nanoTime();
            if (left <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    private void decide(List<Answered> components, RunDecider runs) throws InterruptedException {
        List<Order> orders = new ArrayList<>();
        components.forEach(component -> orders.addAll(component.orders()));
        Duration rest = Duration.ZERO;
        answersUnderWay.acquire();
        try {
            long cacheTime = lastCacheTime.get();
            Optional<DecidedRun> decided = components.get(0).lease() == null
                    ? refuseUnlessLedgerStoodStill(components.get(0))
                    : decide(components, orders, runs);
            if (decided.isPresent()) {
                answer(
                        List.copyOf(orders),
                        decided.get(),
                        cacheTime,
                        components.get(0).atNanos());
                orders.clear();
                failures.succeeded();
            } else {
                rest = runs.rest();
            }
        } catch (StaleFenceException e) {
            log.info("{} orders are decided under a new lease: {}", orders.size(), e.getMessage());
            watch.fenceRefused();
            lock.raiseFloor(e.last());
        } catch (LeaseLostException e) {
            log.warn("{} orders are decided under a new lease: {}", orders.size(), e.getMessage());
        } catch (RuntimeException e) {
            failures.failed(orders.size() + " orders, " + LedgerFailure.describe(e));
            rest = RETRY_INTERVAL;
        } finally {
            if (!orders.isEmpty()) {
                backlog.putBack(orders);
                answersUnderWay.release();
            }
            giveBack(components, rest);
        }
        // other components would fail as well
        boolean unused = stopped.await(rest.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Decides the orders of components whose locks are won, and what came meanwhile for their products.
     *
     * @param orders theirs; those that were decided when it returns
     */
    private Optional<DecidedRun> decide(List<Answered> components, List<Order> orders, RunDecider runs) {
        Map<Long, Long> fences = new HashMap<>();
        for (Answered component : components) {
            Lease won = requireNonNull(component.lease());
            component.productIds().forEach(productId -> fences.put(productId, won.token()));
        }
        if (orders.size() > runs.limit()) {
            List<Order> tooMany = orders.subList(runs.limit(), orders.size());
            backlog.putBack(tooMany);
            tooMany.clear();
        }
        orders.addAll(backlog.claimMore(fences.keySet(), runs.limit() - orders.size()));
        // orders that are not kept any more belong to another worker
        orders.removeIf(order -> kept.order(order.id()).isEmpty());
        if (orders.isEmpty()) {
            return Optional.of(new DecidedRun(List.of(), List.of()));
        }
        long begun = System.nanoTime();
        try {
            return runs.decide(new Run(Run.Guard.LOCK, fences, entries(orders)), () -> components.stream()
                    .allMatch(component -> requireNonNull(component.lease()).isHeld()));
        } finally {
            pulse.answered(begun, !runs.rest().isZero());
        }
    }

    /**
     * Empty if the ledger stood still while these orders waited. Their lock was not to be had then, for no fault of
     * theirs or of a rival, so they wait anew.
     */
    private Optional<DecidedRun> refuseUnlessLedgerStoodStill(Answered component) {
        pulse.ask();
        if (pulse.stoodStillSince(component.askedNanos())) {
            backlog.waitsAnew(component.productIds());
            return Optional.empty();
        }
        return Optional.of(refuse(component));
    }

    private DecidedRun refuse(Answered component) {
        log.warn(
                "the lock of {} products was not acquired within {} ms: {} orders are rejected as unavailable",
                component.productIds().size(),
                component.component().patience().toMillis(),
                component.orders().size());
        Outcome unavailable = new Outcome.Unavailable("the lock was not acquired in time");
        return new DecidedRun(ledger.refuse(entries(component.orders()), unavailable), List.of());
    }

    private static List<Run.Entry> entries(List<Order> orders) {
        return orders.stream().map(order -> new Run.Entry(order, null)).toList();
    }

    /** With their locks the components' products become free for what waits here. */
    private void giveBack(List<Answered> components, Duration rest) {
        List<Lease> leases = new ArrayList<>();
        Set<Long> productIds = new HashSet<>();
        int orders = 0;
        for (Answered component : components) {
            productIds.addAll(component.productIds());
            orders += component.orders().size();
            if (component.lease() != null) {
                leases.add(component.lease());
            }
        }
        int theirs = orders;
        lock.releaseEach(leases).thenRun(() -> {
            long now = System.nanoTime();
            components.stream()
                    .filter(component -> component.lease() != null)
                    .forEach(component -> watch.lockHeld(now - component.atNanos()));
            synchronized (this) {
                underWay -= theirs;
            }
            backlog.free(productIds, rest);
            advance();
        });
    }

    /** Once the cache is written; but a cache that is down holds up no answer for long. */
    private void answer(List<Order> orders, DecidedRun decided, long cacheTime, long wonAt) {
        cache.write(decided.stocks(), cacheTime)
                .toCompletableFuture()
                .orTimeout(CACHE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .thenAccept(time -> lastCacheTime.accumulateAndGet(time, Math::max))
                .exceptionally(failure -> {
                    log.warn("the cache was not written: {}", failure.toString());
                    return null;
                })
                .thenComposeAsync(written -> answers.send(orders, decided, wonAt), answering)
                .minimalCompletionStage()
                .whenComplete((sent, failure) -> {
                    answersUnderWay.release();
                    if (failure != null) {
                        log.warn(
                                "some of {} outcomes could not be sent, retrying: {}",
                                orders.size(),
                                failure.toString());
                        LATER.execute(() -> {
                            backlog.putBack(orders);
                            advance();
                        });
                    }
                });
    }
}

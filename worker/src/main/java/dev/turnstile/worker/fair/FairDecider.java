package dev.turnstile.worker.fair;

import dev.turnstile.batch.AsyncFailures;
import dev.turnstile.line.Claim;
import dev.turnstile.line.FinishedRun;
import dev.turnstile.line.LineHead;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketedOrder;
import dev.turnstile.line.WakeupListener;
import dev.turnstile.order.Order;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.StaleFenceException;
import dev.turnstile.worker.DecisionTelemetry;
import dev.turnstile.worker.InFlightOrders;
import dev.turnstile.worker.RunDecider;
import dev.turnstile.worker.RunReplies;
import dev.turnstile.worker.VitalThreads;
import dev.turnstile.worker.reply.ReplySender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Takes turns at the head of the line, on one thread: claims a run, decides it in the ledger, releases it and claims
 * the next in one call, and answers.
 *
 * <p>Wakeups are hints. Whatever they miss, the re-check finds within {@link LineProperties#recheckInterval()}, or
 * within {@value #MOVING} of them while this worker claims run after run: it tries to claim, and looks page by page
 * after the orders kept here that are not parked under this worker's name, answers the decided ones and leaves the
 * others in the line again.
 */
final class FairDecider implements SmartLifecycle, WakeupListener {

    private static final Logger log = LoggerFactory.getLogger(FairDecider.class);

    /** Runs whose answers may be on their way at once. */
    private static final int ANSWERED_AT_ONCE = 4;

    /**
     * By how many times re-checks are rarer while runs are claimed: the orders kept then are mostly in progress, and
     * stray ones can wait. Without that they took an eighth of a worker's time in a drain, and answered a tenth of a
     * crowd's orders twice.
     */
    private static final int MOVING = 8;

    /** Orders to be looked up at most, but for one poll. */
    static final int MOST_ASTRAY = 20_000;

    /** How long the line is left alone after a failed check: more requests do not bring a server back. */
    private static final Duration REST_AFTER_FAILURE = Duration.ofMillis(200);

    /** How long a stop waits for the runs in hand, and their answers. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final InFlightOrders<TicketedOrder> kept;
    private final LineHead head;
    private final RunReplies answers;
    private final StrayOrderRecovery readmission;
    private final LineProperties properties;
    private final DecisionTelemetry watch;
    private final VitalThreads threads;
    private final FailureLog failures = new FailureLog(log, "claim loop");
    private final FailureLog refusals = new FailureLog(log, "runs claimed again before they were decided");
    private final Semaphore signal = new Semaphore(0);
    private final Semaphore answersUnderWay = new Semaphore(ANSWERED_AT_ONCE);
    private final ExecutorService answering =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "fair-answers"));

    /**
     * Orders whose tickets are not in the line, and how many these are; until they were looked up, whatever was down
     * meanwhile.
     */
    private final Queue<TicketedOrder> astray = new ConcurrentLinkedQueue<>();

    private final AtomicInteger astrayCount = new AtomicInteger();

    /** When the first wakeup arrived since the last check of the line, by {@link System#nanoTime()}; 0 if none did. */
    private final AtomicLong wokenAt = new AtomicLong();

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean running;
    private @Nullable Thread thread;

    // used by the deciding thread alone
    private final RunDecider runs;
    private int refusalsInARow;
    private long nextPage;
    private long lastRecheck = System.nanoTime();
    private long lastClaim = lastRecheck;

    FairDecider(
            InFlightOrders<TicketedOrder> kept,
            LineHead head,
            Ledger ledger,
            ReplySender replies,
            StrayOrderRecovery readmission,
            LineProperties properties,
            DecisionTelemetry watch,
            VitalThreads threads) {
        this.kept = kept;
        this.head = head;
        this.answers = new RunReplies(kept, replies, watch);
        this.readmission = readmission;
        this.properties = properties;
        this.watch = watch;
        this.threads = threads;
        this.runs = new RunDecider(ledger, properties.lease(), properties.maxRun());
    }

    /** Makes the decider check the line now. */
    @Override
    public void claimable() {
        wokenAt.compareAndSet(0, System.nanoTime());
        signal.release();
    }

    /**
     * Takes orders whose tickets are not in the line, or that were decided: they are answered, or join it again, at
     * once.
     */
    void readmit(List<TicketedOrder> orders) {
        astrayCount.addAndGet(orders.size());
        astray.addAll(orders);
        signal.release();
    }

    /**
     * Whether so many orders are still to be looked up that no more should be consumed: after offsets were set back
     * whole topics of decided orders come. It passes without the line's moving, so a pause for it never keeps back the
     * order at the head.
     */
    boolean isBehind() {
        return astrayCount.get() > MOST_ASTRAY;
    }

    @Override
    public void decided(Collection<Answered> answered) {
        List<TicketedOrder> open = kept.doneElsewhere(answered);
        if (!open.isEmpty()) {
            readmit(open);
        }
    }

    @Override
    public synchronized void start() {
        head.subscribe(this).toCompletableFuture().join();
        running = true;
        thread = threads.start("fair-decider", this::run);
    }

    /** Finishes the run in hand, answers it and wakes who can go on. */
    @Override
    public synchronized void stop() {
        running = false;
        signal.release();
        stopped.countDown();
        Thread stopping = thread;
        if (stopping != null) {
            try {
                stopping.join(STOP_LIMIT.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        answering.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        long interval = properties.recheckInterval().toNanos();
        while (running) {
            try {
                boolean woken = signal.tryAcquire(interval, TimeUnit.NANOSECONDS);
                signal.drainPermits();
                List<RuntimeException> failed = new ArrayList<>(0);
                attempt(this::readmitAstray, failed);
                attempt(this::takeTurns, failed);
                long now = System.nanoTime();
                boolean moving = now - lastClaim < interval;
                if (!woken || now - lastRecheck >= (moving ? MOVING * interval : interval)) {
                    lastRecheck = now;
                    // also when no turn could be taken: it repairs the causes of failed turns
                    attempt(this::recheck, failed);
                }
                if (failed.isEmpty()) {
                    failures.succeeded();
                } else {
                    // a server is down; orders stay kept and the next check continues with them
                    failures.failed(describe(failed.get(0)));
                    rest(REST_AFTER_FAILURE);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("the deciding thread is not interrupted", e);
            }
        }
        runs.close();
        awaitAnswers();
    }

    /** What the deciding thread does in each round. */
    @FunctionalInterface
    private interface Step {
        void run() throws InterruptedException;
    }

    /** None of the steps holds up the others. */
    private static void attempt(Step step, List<RuntimeException> failed) throws InterruptedException {
        try {
            step.run();
        } catch (RuntimeException e) {
            failed.add(e);
        }
    }

    /** Waits, unless the worker stops. Wakeups arrive again and again meanwhile, and must not end it. */
    private void rest(Duration time) {
        try {
            boolean unused = stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("the deciding thread is not interrupted", e);
        }
    }

    private void awaitAnswers() {
        try {
            if (!answersUnderWay.tryAcquire(ANSWERED_AT_ONCE, STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn(
                        "stopping before Kafka acknowledged all replies; the workers that receive these orders send them again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A run that was claimed, and when, by {@link System#nanoTime()}. */
    private record Held(Claim claim, long since) {}

    /** A run that is decided, and still in the line. */
    private record Done(Held run, DecidedRun decided) {}

    /**
     * Claims and decides run after run. While one is decided, the one before it is released; and behind one that ended
     * at a bound, so that more orders wait, the next is claimed meanwhile, to be decided after it.
     */
    private void takeTurns() throws InterruptedException {
        Optional<Held> next = await(turn(null, null, most()));
        noteWakeup(next.isPresent());
        @Nullable Done before = null;
        while (next.isPresent()) {
            Held run = next.get();
            lastClaim = run.since();
            int behind = run.claim().more() ? most() : 0;
            CompletionStage<Optional<Held>> meanwhile = before == null && behind == 0
                    ? CompletableFuture.completedStage(Optional.empty())
                    // if it fails, the next turn, which names no other run, ends what it may have claimed
                    : turn(before, run.claim(), behind).exceptionally(failure -> Optional.empty());
            Optional<DecidedRun> decided = decide(run.claim());
            next = await(meanwhile);
            if (decided.isEmpty()) {
                // ends the claim behind it, too
                await(head.turn(FinishedRun.undecided(run.claim()), 0));
                watch.lockHeld(System.nanoTime() - run.since());
                rest(refusalsInARow > 1 ? REST_AFTER_FAILURE : runs.rest());
                return;
            }
            before = new Done(run, decided.get());
            if (next.isEmpty()) {
                next = await(turn(before, null, most()));
                before = null;
            }
            noteWakeup(next.isPresent());
        }
        runs.close();
    }

    /** How many orders the next run may have; none once this worker stops. */
    private int most() {
        return running ? runs.limit() : 0;
    }

    /** Gives a run back, if there is one, answers its orders after that, and claims the next. */
    private CompletionStage<Optional<Held>> turn(@Nullable Done done, @Nullable Claim inHand, int most)
            throws InterruptedException {
        CompletionStage<Optional<Claim>> turn;
        if (done == null) {
            turn = head.turn(null, inHand, most, kept::byKey);
        } else {
            answersUnderWay.acquire();
            turn = giveBack(done, inHand, most);
            // The cache is written and the line released before any order is answered; but a Redis that is down delays
            // only them, not the answers.
            turn.handle((next, failure) -> {
                        watch.lockHeld(System.nanoTime() - done.run().since());
                        return done;
                    })
                    .thenComposeAsync(this::answer, answering)
                    .whenComplete((answered, failure) -> {
                        answersUnderWay.release();
                        if (failure != null) {
                            // not done: the re-check of each keeper finds the outcome in the ledger and answers again
                            log.warn(
                                    "some of {} outcomes could not be sent: {}",
                                    done.decided().decisions().size(),
                                    describe(failure));
                        }
                    });
        }
        return turn.thenApply(claim -> claim.map(claimed -> new Held(claimed, System.nanoTime())));
    }

    /** What fails before it is sent fails like what is sent: its orders are answered all the same. */
    private CompletionStage<Optional<Claim>> giveBack(Done done, @Nullable Claim inHand, int most) {
        try {
            return head.turn(
                    FinishedRun.decided(done.run().claim(), done.decided().stocks()), inHand, most, kept::byKey);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private void noteWakeup(boolean claimed) {
        long woken = wokenAt.getAndSet(0);
        if (woken != 0 && claimed) {
            watch.claimedAfterWakeup(System.nanoTime() - woken);
        }
    }

    /** Empty if the run is to be released undecided. */
    private Optional<DecidedRun> decide(Claim claim) {
        List<Run.Entry> entries = claim.orders().stream()
                .map(claimed -> new Run.Entry(claimed.order(), claimed.ticket().number()))
                .toList();
        try {
            Optional<DecidedRun> decided = runs.decide(new Run(Run.Guard.LINE, claim.fence(), entries), () -> true);
            refusalsInARow = 0;
            refusals.succeeded();
            return decided;
        } catch (StaleFenceException e) {
            watch.fenceRefused();
            head.raiseFloor(e.last());
            refusalsInARow++;
            refusals.failed("a run of " + entries.size() + " orders, " + e.getMessage());
            return Optional.empty();
        }
    }

    private CompletableFuture<Void> answer(Done decided) {
        Held run = decided.run();
        Claim claim = run.claim();
        List<Order> orders = claim.orders().stream().map(Claim.Claimed::order).toList();
        return answers.send(orders, decided.decided(), run.since()).thenRun(() -> {
            Map<String, List<Order>> byKeeper = new HashMap<>();
            claim.orders().forEach(claimed -> byKeeper.computeIfAbsent(claimed.keeper(), keeper -> new ArrayList<>())
                    .add(claimed.order()));
            byKeeper.forEach(head::tellDecided);
        });
    }

    /**
     * A page of them, before each check of the line. One that fails goes behind all others, and holds up neither them
     * nor the line.
     */
    private void readmitAstray() {
        List<TicketedOrder> page = new ArrayList<>();
        for (TicketedOrder order = astray.poll(); order != null; order = astray.poll()) {
            page.add(order);
            if (page.size() == StrayOrderRecovery.AT_ONCE) {
                break;
            }
        }
        if (page.isEmpty()) {
            return;
        }
        try {
            readmission.readmit(page);
        } catch (RuntimeException e) {
            astray.addAll(page);
            throw e;
        }
        astrayCount.addAndGet(-page.size());
        if (!astray.isEmpty()) {
            signal.release();
        }
    }

    private void recheck() {
        InFlightOrders.Page<TicketedOrder> page = kept.page(nextPage, StrayOrderRecovery.AT_ONCE);
        nextPage = page.next();
        if (await(head.mend(page.orders()))) {
            log.warn("the line had lost some of its keys and was repaired");
            claimable();
        }
        if (readmission.readmit(page.orders())) {
            claimable();
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static String describe(Throwable failure) {
        Throwable cause = AsyncFailures.cause(failure);
        return LedgerFailure.describe(cause);
    }
}

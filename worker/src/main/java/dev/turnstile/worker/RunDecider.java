package dev.turnstile.worker;

import dev.turnstile.order.Decision;
import dev.turnstile.order.OrderLog;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.FailureLog;
import dev.turnstile.stock.LeaseLostException;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.LedgerFailure;
import dev.turnstile.stock.Run;
import dev.turnstile.stock.StaleFenceException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides runs in the ledger, one after the other over one session. When the ledger fails, {@link LedgerFailure}
 * determines what happens to the run: one that is too large, or has an order that the ledger rejects, is halved until
 * it fits, or until the order is alone and recorded as INVALID. Everything else is tried again after a {@link #rest()}, and
 * no order is given up for it. For one thread.
 */
public final class RunDecider implements AutoCloseable {

    /** How long after a first failure the next run is to wait, and after the next failures at most. */
    static final Duration SHORTEST_REST = Duration.ofMillis(100);

    static final Duration LONGEST_REST = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(RunDecider.class);
    private static final FailureLog failures = new FailureLog(log, "deciding runs");

    private final Ledger ledger;
    private final Duration lease;
    private final int maxRun;
    private Ledger.@Nullable Session session;
    private int limit;
    private int failuresInARow;
    private Duration rest = Duration.ZERO;

    /**
     * Makes a decider.
     *
     * @param lease how long the right to the stock of a run lasts
     * @param maxRun the most orders of a run
     */
    public RunDecider(Ledger ledger, Duration lease, int maxRun) {
        this.ledger = ledger;
        this.lease = lease;
        this.maxRun = maxRun;
        this.limit = maxRun;
    }

    /** How many orders the next run may have. */
    public int limit() {
        return limit;
    }

    /** How long the next run is to wait, because the ledger failed; no right to stock should be held meanwhile. */
    public Duration rest() {
        return rest;
    }

    /**
     * Decides a run.
     *
     * @param held whether the right to its stock still stands; asked before the commit
     * @return empty if the ledger failed: whether the run was committed is not known then, and to decide its orders
     *     again, in a run within {@link #limit()} after {@link #rest()}, finds out
     * @throws StaleFenceException if a later holder has been at the stock; nothing was changed
     * @throws LeaseLostException if the right has ended; nothing was changed
     */
    public Optional<DecidedRun> decide(Run run, BooleanSupplier held) {
        try {
            Ledger.Session open = session;
            if (open == null) {
                open = ledger.open(lease);
                session = open;
            }
            DecidedRun decided = open.decide(run, held);
            succeeded();
            limit = Math.min(maxRun, limit * 2);
            return Optional.of(decided);
        } catch (StaleFenceException | LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            close();
            return failed(run.entries(), e);
        }
    }

    private Optional<DecidedRun> failed(List<Run.Entry> entries, RuntimeException failure) {
        failuresInARow++;
        LedgerFailure kind = LedgerFailure.of(failure);
        if (kind == LedgerFailure.ORDER && entries.size() == 1) {
            return setAside(entries.get(0), failure);
        }
        failures.failed("a run of " + entries.size() + " orders, " + LedgerFailure.describe(failure));
        boolean smaller = kind != LedgerFailure.SERVER && entries.size() > 1;
        if (smaller || failuresInARow > 1) {
            // a run that fails twice in a row may be too large for the server in an unforeseen way
            limit = Math.max(1, Math.min(limit, entries.size() / 2));
        }
        rest = smaller ? Duration.ZERO : nextRest();
        return Optional.empty();
    }

    private Duration nextRest() {
        Duration next = rest.multipliedBy(2);
        if (next.isZero()) {
            return SHORTEST_REST;
        }
        return next.compareTo(LONGEST_REST) < 0 ? next : LONGEST_REST;
    }

    private void succeeded() {
        failuresInARow = 0;
        rest = Duration.ZERO;
        failures.succeeded();
    }

    /** With nothing of the order but its id, its mode and its ticket: what the ledger refuses is among the rest. */
    private Optional<DecidedRun> setAside(Run.Entry entry, RuntimeException refusal) {
        String reason = "the ledger refuses it: " + LedgerFailure.describe(refusal);
        try {
            Decision decision = ledger.setAside(
                    entry.order().id(), entry.order().mode(), entry.ticket(), new Outcome.Invalid(reason));
            OrderLog.about(log.atWarn(), entry.order(), entry.ticket())
                    .log("order {} is recorded as INVALID: {}", entry.order().id(), reason);
            succeeded();
            return Optional.of(new DecidedRun(List.of(decision), List.of()));
        } catch (RuntimeException e) {
            failures.failed("an order can't be recorded as INVALID, " + LedgerFailure.describe(e));
            rest = nextRest();
            return Optional.empty();
        }
    }

    /** Gives the session back; the next run opens another. */
    @Override
    public void close() {
        Ledger.Session open = session;
        if (open != null) {
            open.close();
            session = null;
        }
    }
}

package dev.turnstile.worker;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.Decided;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.Run;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;

/**
 * Decides runs in the ledger, one after the other over one session. When the ledger refuses runs for what is in them, they are
 * halved until the order that makes them fail stands alone, and that one is set aside. For one thread.
 */
public final class RunDecider implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RunDecider.class);

    private final Ledger ledger;
    private final Duration lease;
    private final int maxRun;
    private Ledger.@Nullable Session session;
    private int limit;
    private int failuresInARow;

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

    /**
     * Decides a run.
     *
     * @param held whether the right to its stock still stands; asked before the commit
     * @return empty if the ledger failed: whether the run was committed is not known then, and to decide its orders again, in
     *     a run within {@link #limit()}, finds out
     * @throws dev.turnstile.stock.StaleFenceException if a later holder has been at the stock; nothing was changed
     * @throws dev.turnstile.stock.LeaseLostException if the right has ended; nothing was changed
     */
    public Optional<Decided> decide(Run run, BooleanSupplier held) {
        try {
            Ledger.Session open = session;
            if (open == null) {
                open = ledger.open(lease);
                session = open;
            }
            Decided decided = open.decide(run, held);
            failuresInARow = 0;
            limit = Math.min(maxRun, limit * 2);
            return Optional.of(decided);
        } catch (DataAccessException e) {
            close();
            failuresInARow++;
            String cause = String.valueOf(e.getMostSpecificCause().getMessage());
            log.warn("a run of {} orders was not decided: {}", run.entries().size(), cause);
            return isOrdersFault(e) && failuresInARow >= 2 ? narrowDown(run.entries(), cause) : Optional.empty();
        }
    }

    private Optional<Decided> narrowDown(List<Run.Entry> entries, String cause) {
        if (entries.size() > 1) {
            limit = Math.max(1, entries.size() / 2);
            return Optional.empty();
        }
        List<Decision> decisions = ledger.refuse(entries, new Outcome.Invalid("the ledger refuses it: " + cause));
        return Optional.of(new Decided(decisions, List.of()));
    }

    private static boolean isOrdersFault(DataAccessException e) {
        return e instanceof NonTransientDataAccessException && !(e instanceof NonTransientDataAccessResourceException);
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

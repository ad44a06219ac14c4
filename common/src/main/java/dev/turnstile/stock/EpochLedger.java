package dev.turnstile.stock;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Epochs for memories that can be lost. MySQL hands each number out once, so a later memory has a greater one. It
 * compares what it remembers with the fences of the stock rows and with what the memory and the processes that use it
 * know: a MySQL that was restored, or that failed over to a copy, may have forgotten its last number, or that there is
 * a scope.
 */
public final class EpochLedger {

    /** Epochs of the ticket line. */
    public static final String LINE = "line";
    /** Epochs of the Redlock nodes. */
    public static final String REDLOCK = "redlock";

    /** The first epoch that fits into no ticket and no fence. */
    private static final long END = 8192;

    /** From which epoch on each new one is warned of. At one loss an hour the rest lasts for a month. */
    private static final long NEAR_END = 7400;

    private static final int SEQUENCE_BITS = 40;
    private static final Map<String, String> FENCES = Map.of(LINE, "line_fence", REDLOCK, "lock_fence");
    private static final Logger log = LoggerFactory.getLogger(EpochLedger.class);

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

    private record Last(long epoch, @Nullable String mark) {}

    /**
     * Makes epochs over a data source whose schema is in place.
     *
     * @param transactions of the same data source
     */
    public EpochLedger(DataSource dataSource, PlatformTransactionManager transactions) {
        this.jdbc = new JdbcTemplate(dataSource);
        this.transactions = new TransactionTemplate(transactions);
    }

    /**
     * The next epoch of a scope, from 1. Blocks.
     *
     * @throws IllegalArgumentException if there is no such scope
     * @throws IllegalStateException if there are no more
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    public long next(String scope) {
        return next(scope, null, 0);
    }

    /**
     * The epoch of a memory: the next one, or that which was given for the same memory before.
     *
     * @param mark names the memory; null for one that no other process asks for
     * @param known an epoch that was in use; the returned one is greater
     */
    public long next(String scope, @Nullable String mark, long known) {
        String fence = fence(scope);
        addMissing(scope);
        return transactions.execute(status -> {
            Last last = lock(scope);
            if (mark != null && mark.equals(last.mark()) && last.epoch() > known) {
                return last.epoch();
            }
            Long highest = jdbc.queryForObject("SELECT COALESCE(MAX(" + fence + "), 0) FROM stock", Long.class);
            long epoch = Math.max(last.epoch(), Math.max(known, Objects.requireNonNull(highest) >> SEQUENCE_BITS)) + 1;
            check(scope, epoch, last.epoch());
            jdbc.update("UPDATE epochs SET epoch = ?, mark = ? WHERE scope = ?", epoch, mark, scope);
            return epoch;
        });
    }

    /**
     * Says that an epoch is in use, so that those to come are greater even if it is forgotten elsewhere. Blocks.
     *
     * @throws IllegalArgumentException if there is no such scope
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    public void inUse(String scope, long epoch) {
        fence(scope);
        List<Long> known = jdbc.queryForList("SELECT epoch FROM epochs WHERE scope = ?", Long.class, scope);
        if (!known.isEmpty() && known.get(0) >= epoch) {
            return;
        }
        addMissing(scope);
        int raised = jdbc.update(
                "UPDATE epochs SET epoch = ?, mark = NULL WHERE scope = ? AND epoch < ?", epoch, scope, epoch);
        if (raised > 0) {
            log.warn("the ledger had forgotten epoch {} of {}, which is in use; it goes on from there", epoch, scope);
        }
    }

    private static String fence(String scope) {
        String fence = FENCES.get(scope);
        if (fence == null) {
            throw new IllegalArgumentException("no epochs for " + scope);
        }
        return fence;
    }

    private void addMissing(String scope) {
        if (jdbc.queryForList("SELECT epoch FROM epochs WHERE scope = ?", Long.class, scope)
                .isEmpty()) {
            jdbc.update("INSERT IGNORE INTO epochs (scope, epoch) VALUES (?, 0)", scope);
        }
    }

    private Last lock(String scope) {
        return Objects.requireNonNull(jdbc.queryForObject(
                "SELECT epoch, mark FROM epochs WHERE scope = ? FOR UPDATE",
                (row, number) -> new Last(row.getLong(1), row.getString(2)),
                scope));
    }

    private static void check(String scope, long epoch, long last) {
        if (epoch >= END) {
            throw new IllegalStateException("all " + (END - 1) + " epochs of " + scope
                    + " are used: see \"epochs\" in docs/operations.md for how to begin again");
        }
        if (epoch > last + 1) {
            log.warn(
                    "the ledger had forgotten epochs of {}: its last is {}, and {} was in use; it goes on from there",
                    scope,
                    last,
                    epoch - 1);
        }
        if (epoch >= NEAR_END) {
            log.warn(
                    "epoch {} of {} epochs of {} is given out: see \"epochs\" in docs/operations.md before they end",
                    epoch,
                    END - 1,
                    scope);
        }
    }
}

package dev.turnstile.stock;

import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Epochs for memories that can be lost. MySQL hands each number out once, so a later memory has a greater one. */
public final class EpochLedger {

    /** Epochs of the ticket line. */
    public static final String LINE = "line";
    /** Epochs of the Redlock nodes. */
    public static final String REDLOCK = "redlock";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;

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
     * @throws org.springframework.dao.DataAccessException if the database can't be asked
     */
    public long next(String scope) {
        return transactions.execute(status -> {
            if (jdbc.update("UPDATE epochs SET epoch = epoch + 1 WHERE scope = ?", scope) == 0) {
                throw new IllegalArgumentException("no epochs for " + scope);
            }
            return Objects.requireNonNull(
                    jdbc.queryForObject("SELECT epoch FROM epochs WHERE scope = ?", Long.class, scope));
        });
    }
}

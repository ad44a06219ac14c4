package dev.turnstile.local.fault;

import dev.turnstile.local.server.ServerAddresses;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to the connections and rows of a MySQL or MariaDB while it runs. Needs an account that may see and
 * kill connections of others. Safe for use by any thread; each call uses a connection of its own, which it spares.
 */
public final class MySqlFaults {

    /** The longest time for which a row is held. */
    public static final Duration LONGEST_HOLD = Duration.ofMinutes(1);

    private static final int NO_SUCH_THREAD = 1094;

    /** The server refreshes its list of transactions only if it has not been read for a tenth of a second. */
    private static final Duration LIST_IS_FRESH_AFTER = Duration.ofMillis(110);

    /** When this JVM was done with it: any object's reading keeps the list as it is. */
    private static long listReadAt = System.nanoTime() - LIST_IS_FRESH_AFTER.toNanos();

    private final String url;
    private final String user;
    private final String password;

    /** Faults of the ledger's database. */
    public MySqlFaults(ServerAddresses servers) {
        this.url = servers.jdbcUrl();
        this.user = servers.jdbcUser();
        this.password = servers.jdbcPassword();
    }

    /**
     * Kills all connections of a user.
     *
     * @return how many
     */
    public int killConnectionsOf(String victim) {
        return kill("SELECT id FROM information_schema.processlist WHERE user = ?", victim);
    }

    /**
     * Kills all connections that are in a transaction.
     *
     * @return how many
     */
    public int killTransactions() {
        return killOfList("TRUE");
    }

    /**
     * Kills the connections that hold row locks, not those that wait for one.
     *
     * @return how many
     */
    public int killLockHolders() {
        return killOfList("trx_rows_locked > 0 AND trx_state <> 'LOCK WAIT'");
    }

    private int killOfList(String condition) {
        synchronized (MySqlFaults.class) {
            try {
                TimeUnit.NANOSECONDS.sleep(listReadAt + LIST_IS_FRESH_AFTER.toNanos() - System.nanoTime());
                return kill("SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx WHERE " + condition);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            } finally {
                listReadAt = System.nanoTime();
            }
        }
    }

    private int kill(String selection, String... arguments) {
        try (Connection connection = connect()) {
            List<Long> victims = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT id FROM (" + selection + ") AS victims WHERE id <> CONNECTION_ID() AND id <> 0")) {
                for (int i = 0; i < arguments.length; i++) {
                    select.setString(i + 1, arguments[i]);
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        victims.add(rows.getLong(1));
                    }
                }
            }
            int killed = 0;
            for (long victim : victims) {
                killed += kill(connection, victim) ? 1 : 0;
            }
            return killed;
        } catch (SQLException e) {
            throw new IllegalStateException("can't kill connections: " + e.getMessage(), e);
        }
    }

    private static boolean kill(Connection connection, long victim) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("KILL " + victim);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_SUCH_THREAD) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Holds the row lock of a product, as a transaction does that stalls before its end.
     *
     * @param limit at most {@link #LONGEST_HOLD}; then the row is released
     * @return lets the row go now
     * @throws IllegalStateException if there is no such row, or it can't be locked
     */
    public FaultHandle holdRow(long productId, Duration limit) {
        if (limit.compareTo(LONGEST_HOLD) > 0) {
            throw new IllegalArgumentException("a row is held for " + LONGEST_HOLD + " at most, not " + limit);
        }
        Connection holder = null;
        try {
            holder = connect();
            holder.setAutoCommit(false);
            lock(holder, productId);
        } catch (SQLException e) {
            close(holder);
            throw new IllegalStateException("can't lock the row of product " + productId + ": " + e.getMessage(), e);
        }
        Connection held = holder;
        FaultHandle letGo = FaultHandle.once(() -> close(held));
        CompletableFuture<Void> unused = CompletableFuture.runAsync(
                letGo::heal, CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
        return letGo;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    private static void lock(Connection connection, long productId) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT quantity FROM stock WHERE product_id = ? FOR UPDATE")) {
            select.setLong(1, productId);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("there is no such row");
                }
            }
        }
    }

    /** The server rolls back what a closed or killed connection had begun. */
    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.rollback();
                connection.close();
            } catch (SQLException e) {
                // it was killed, or the server is gone: either way nothing is held any more
            }
        }
    }
}

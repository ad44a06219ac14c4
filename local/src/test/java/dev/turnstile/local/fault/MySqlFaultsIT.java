package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.SharedStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class MySqlFaultsIT {

    private final long product = ThreadLocalRandom.current().nextLong(1_000_000_000L, 1L << 40);
    private ServerAddresses servers;
    private MySqlFaults faults;
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        servers = SharedStack.get().addresses();
        Flyway.configure()
                .dataSource(new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword()))
                .load()
                .migrate();
        faults = new MySqlFaults(servers);
        connection = open();
        execute(connection, "INSERT INTO stock (product_id, quantity) VALUES (" + product + ", 1)");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
        try (Connection last = open()) {
            execute(last, "DELETE FROM stock WHERE product_id = " + product);
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String update() {
        return "UPDATE stock SET quantity = quantity + 1 WHERE product_id = " + product;
    }

    private static void assertBroken(Connection connection) {
        assertThatThrownBy(() -> execute(connection, "SELECT 1")).isInstanceOf(SQLException.class);
    }

    @Test
    void killsTheConnectionsOfAUser() throws SQLException {
        assertThat(faults.killConnectionsOf("nobody")).isZero();
        execute(connection, "SELECT 1");
        assertThat(faults.killConnectionsOf(servers.jdbcUser())).isPositive();
        assertBroken(connection);
    }

    @RepeatedTest(3)
    void killsWhatIsInATransactionAndSparesTheIdle() throws SQLException {
        try (Connection busy = open()) {
            busy.setAutoCommit(false);
            execute(busy, update());
            assertThat(faults.killTransactions()).isPositive();
            assertBroken(busy);
        }
        execute(connection, update()); // the row is released
    }

    @RepeatedTest(3)
    void killsWhoHoldsARowLockAndSparesWhoWaitsForIt() throws SQLException {
        try (Connection holder = open()) {
            holder.setAutoCommit(false);
            execute(holder, update());
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                try {
                    execute(connection, update());
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(faults.killLockHolders()).isPositive();
            assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
            assertBroken(holder);
        }
    }

    @Test
    void aRowIsHeldUntilItIsHealed() throws SQLException {
        execute(connection, "SET SESSION innodb_lock_wait_timeout = 1");
        FaultHandle healing = faults.holdRow(product, Duration.ofSeconds(30));
        assertThatThrownBy(() -> execute(connection, update())).hasMessageContaining("Lock wait timeout");

        healing.heal();
        healing.heal();

        execute(connection, update());
    }

    @Test
    void aRowIsHeldNoLongerThanItsLimit() throws SQLException {
        long begun = System.nanoTime();
        faults.holdRow(product, Duration.ofMillis(700));
        execute(connection, update());
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isBetween(Duration.ofMillis(600), Duration.ofSeconds(10));
    }

    @Test
    void aRowThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> faults.holdRow(product + 1, Duration.ofSeconds(1)))
                .hasMessageContaining("product " + (product + 1));
        assertThatThrownBy(() -> faults.holdRow(product, Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

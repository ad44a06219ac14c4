package dev.turnstile.local.audit;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.local.server.ServerAddresses;
import java.net.URI;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTablesTest {

    /** MySQL 8 knows the variable transaction_isolation alone, MariaDB before 11.1 tx_isolation alone. */
    @Test
    void namesNoVariableThatOnlySomeDatabasesHave() throws SQLException {
        // where MySQL's driver finds no server, and the next one is asked
        String url = "jdbc:mysql://127.0.0.1:1/ledger";
        Statement statement = mock(Statement.class);
        Connection connection = mock(Connection.class);
        when(connection.createStatement()).thenReturn(statement);
        Driver driver = mock(Driver.class);
        when(driver.connect(eq(url), any())).thenReturn(connection);
        DriverManager.registerDriver(driver);
        try (LedgerTables tables = new LedgerTables(
                new ServerAddresses("127.0.0.1:1", url, "auditor", "", URI.create("redis://127.0.0.1:1"), List.of()),
                product -> true)) {
            tables.inSnapshot(() -> {});
        } finally {
            DriverManager.deregisterDriver(driver);
        }
        verify(connection).setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        verify(statement, never()).execute(contains("isolation"));
    }
}

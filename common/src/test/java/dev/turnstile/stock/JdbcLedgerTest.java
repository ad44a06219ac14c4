package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.mockito.InOrder;
import org.springframework.transaction.PlatformTransactionManager;

/** Statements for databases other than those in the integration tests. */
class JdbcLedgerTest {

    private final DataSource dataSource = mock(DataSource.class);
    private final Connection connection = mock(Connection.class);
    private final Statement statement = mock(Statement.class);

    /**
     * MySQL 8 knows the variable transaction_isolation alone, MariaDB before 11.1 tx_isolation alone; a driver reports
     * both the same.
     */
    @Test
    void noVariableIsNamedThatOnlySomeDatabasesHave() throws SQLException {
        ResultSet row = mock(ResultSet.class);
        when(row.next()).thenReturn(true);
        when(row.getLong(1)).thenReturn(1_048_576L);
        when(dataSource.getConnection()).thenReturn(connection);
        when(connection.createStatement()).thenReturn(statement);
        when(statement.executeQuery(anyString())).thenReturn(row);
        JdbcLedger ledger = new JdbcLedger(dataSource, mock(PlatformTransactionManager.class), Clock.systemUTC());

        ledger.open(Duration.ofSeconds(3)).close();

        InOrder order = inOrder(connection);
        order.verify(connection).setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        order.verify(connection).setAutoCommit(false);
        order.verify(connection).close();
        ArgumentCaptor<String> said = ArgumentCaptor.forClass(String.class);
        verify(statement, atLeastOnce()).execute(said.capture());
        assertThat(said.getAllValues()).isNotEmpty().noneMatch(sql -> sql.contains("isolation"));
    }
}

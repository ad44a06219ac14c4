package dev.turnstile.local.bench.contender;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.turnstile.local.server.ServerAddresses;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;

/** Connections to the ledger, set up as a worker's are: the same driver settings, READ COMMITTED, no auto-commit. */
public final class LedgerConnections {

    private LedgerConnections() {}

    /** One connection. */
    static Connection open(ServerAddresses servers) throws SQLException {
        Properties properties = driverProperties();
        properties.setProperty("user", servers.jdbcUser());
        properties.setProperty("password", servers.jdbcPassword());
        Connection connection = DriverManager.getConnection(servers.jdbcUrl(), properties);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(false);
        return connection;
    }

    /** Closes them all, whatever state they are in. */
    static void close(List<Connection> connections) {
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (SQLException e) {
                // it is given up in any case
            }
        }
    }

    /** A pool of so many connections. */
    public static HikariDataSource pool(ServerAddresses servers, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(servers.jdbcUrl());
        config.setUsername(servers.jdbcUser());
        config.setPassword(servers.jdbcPassword());
        config.setMaximumPoolSize(connections);
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setAutoCommit(false);
        config.setDataSourceProperties(driverProperties());
        return new HikariDataSource(config);
    }

    private static Properties driverProperties() {
        Properties properties = new Properties();
        properties.setProperty("rewriteBatchedStatements", "true");
        properties.setProperty("useConfigs", "maxPerformance");
        properties.setProperty("connectTimeout", "5000");
        properties.setProperty("socketTimeout", "60000");
        return properties;
    }
}

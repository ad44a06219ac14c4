package dev.turnstile.stock;

import dev.turnstile.startup.DatabaseVersion;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;

/** The ledger over the data source that {@code spring.datasource} names, and the clock whose times it stores. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ClockProperties.class)
public class LedgerConfiguration {

    @Bean
    Clock clock(ClockProperties properties) {
        return properties.clock();
    }

    /** Says in one line that the database is too old, before one of its statements says so in its way. */
    @Bean
    FlywayMigrationStrategy migration() {
        return flyway -> {
            JdbcTemplate jdbc = new JdbcTemplate(flyway.getConfiguration().getDataSource());
            DatabaseVersion.check(jdbc.queryForObject("SELECT VERSION()", String.class));
            flyway.migrate();
        };
    }

    @Bean
    Ledger ledger(DataSource dataSource, PlatformTransactionManager transactions, Clock clock) {
        return new JdbcLedger(dataSource, transactions, clock);
    }

    @Bean
    RecentDecisions recentDecisions(DataSource dataSource) {
        return new RecentDecisions(dataSource);
    }

    @Bean
    EpochLedger epochLedger(DataSource dataSource, PlatformTransactionManager transactions) {
        return new EpochLedger(dataSource, transactions);
    }

    /** Read at once, so the tables must be there. */
    @Bean
    @DependsOnDatabaseInitialization
    Installation installation(DataSource dataSource) {
        return Installation.of(dataSource);
    }
}

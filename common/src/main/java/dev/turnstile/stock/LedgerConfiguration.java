package dev.turnstile.stock;

import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** The ledger over the data source that {@code spring.datasource} names, and the clock whose times it stores. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ClockProperties.class)
public class LedgerConfiguration {

    @Bean
    Clock clock(ClockProperties properties) {
        return properties.clock();
    }

    @Bean
    Ledger ledger(DataSource dataSource, PlatformTransactionManager transactions, Clock clock) {
        return new JdbcLedger(dataSource, transactions, clock);
    }

    @Bean
    LedgerTail ledgerTail(DataSource dataSource) {
        return new LedgerTail(dataSource);
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

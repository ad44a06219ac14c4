package dev.turnstile.stock;

import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/** The ledger over the data source that {@code spring.datasource} names. */
@Configuration(proxyBeanMethods = false)
public class LedgerConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Ledger ledger(DataSource dataSource, PlatformTransactionManager transactions, Clock clock) {
        return new JdbcLedger(dataSource, transactions, clock);
    }

    @Bean
    EpochLedger epochLedger(DataSource dataSource, PlatformTransactionManager transactions) {
        return new EpochLedger(dataSource, transactions);
    }
}

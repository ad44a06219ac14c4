package dev.turnstile.api.stock;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.stock.Ledger;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts that read and set stock. */
@Configuration(proxyBeanMethods = false)
class StockConfiguration {

    @Bean
    LedgerExecutor ledgerExecutor(Ledger ledger, ApiProperties properties) {
        return new LedgerExecutor(ledger, properties.ledgerThreads(), properties.maxWaitingForLedger());
    }

    @Bean
    AdminToken adminToken(ApiProperties properties) {
        return new AdminToken(properties.adminToken());
    }
}

package dev.turnstile.worker.retention;

import dev.turnstile.order.OrderTopics;
import dev.turnstile.stock.LedgerRetention;
import dev.turnstile.worker.PeriodicTask;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.transaction.PlatformTransactionManager;

@Configuration(proxyBeanMethods = false)
class RetentionConfiguration {

    @Bean
    PeriodicTask ledgerRetention(
            DataSource dataSource,
            PlatformTransactionManager transactions,
            KafkaAdmin kafka,
            RetentionProperties properties,
            MeterRegistry meters) {
        OrderRetention retention = new OrderRetention(
                new LedgerRetention(dataSource, transactions),
                new TopicOffsets(kafka.getConfigurationProperties(), OrderTopics.OF_ORDERS),
                properties.orders(),
                meters);
        return new PeriodicTask("ledger-retention", properties.interval(), retention, RandomGenerator.getDefault());
    }
}

package dev.turnstile.api.order;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.stock.LedgerCalls;
import dev.turnstile.line.TicketLine;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts that take orders in and tell what became of them. */
@Configuration(proxyBeanMethods = false)
class OrderConfiguration {

    @Bean
    WaitingRequests waitingRequests(ApiProperties properties) {
        return new WaitingRequests(properties.maxWaitingRequests());
    }

    @Bean
    OrderIntake orderIntake(
            TicketLine line,
            OrderPublisher publisher,
            WaitingRequests waiting,
            ReplyTo replyTo,
            ApiProperties properties,
            Clock clock) {
        return new OrderIntake(line, publisher, waiting, replyTo, properties.backendTimeout(), clock);
    }

    @Bean
    OrderLookup orderLookup(LedgerCalls ledger, TicketLine line, WaitingRequests waiting, ApiProperties properties) {
        return new OrderLookup(ledger, line, waiting, properties.backendTimeout());
    }
}

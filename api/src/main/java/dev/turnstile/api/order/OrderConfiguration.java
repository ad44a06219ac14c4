package dev.turnstile.api.order;

import dev.turnstile.api.ApiProperties;
import dev.turnstile.api.stock.LedgerExecutor;
import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.LineThroughput;
import dev.turnstile.line.TicketLine;
import dev.turnstile.stock.Installation;
import dev.turnstile.stock.Ledger;
import dev.turnstile.stock.StockCache;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The components that accept orders and return their outcomes. */
@Configuration(proxyBeanMethods = false)
class OrderConfiguration {

    /** The longest that a fair order waits for one that arrived before it and is still being read. */
    private static final Duration ARRIVAL_PATIENCE = Duration.ofMillis(20);

    @Bean
    WaitingRequests waitingRequests(ApiProperties properties) {
        return new WaitingRequests(properties.maxWaitingRequests());
    }

    @Bean
    AnswerMetrics answerMetrics(MeterRegistry registry, WaitingRequests waiting) {
        return new AnswerMetrics(registry, waiting);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> answerValve(AnswerMetrics watch) {
        return factory -> factory.addEngineValves(new AnswerValve(watch));
    }

    @Bean
    ArrivalOrder arrivalOrder() {
        return new ArrivalOrder(ARRIVAL_PATIENCE, System::nanoTime, (delay, task) -> CompletableFuture.delayedExecutor(
                        delay.toNanos(), TimeUnit.NANOSECONDS)
                .execute(task));
    }

    @Bean
    LineClient lineClient(TicketLine line, ApiProperties properties) {
        return new LineClient(line, properties.backendTimeout());
    }

    @Bean
    LineThroughput lineThroughput() {
        return new LineThroughput(System::nanoTime);
    }

    @Bean
    LineAdmission lineAdmission(LineThroughput pace, ApiProperties properties, LineProperties line) {
        return new LineAdmission(
                pace, properties.lineWaitLimit(), properties.lineLeastRoom(), line.maxWaiting(), System::nanoTime);
    }

    @Bean
    OrderIntake orderIntake(
            LineClient line,
            LineThroughput pace,
            LineAdmission lineAdmission,
            StockAdmission door,
            IdempotencyStore memory,
            OptionalRedisCalls redis,
            ArrivalOrder arrivals,
            OrderPublisher publisher,
            WaitingRequests waiting,
            ReplyTo replyTo,
            Clock clock) {
        return new OrderIntake(
                line, pace, lineAdmission, door, memory, redis, arrivals, publisher, waiting, replyTo, clock);
    }

    @Bean
    OptionalRedisCalls optionalRedisCalls() {
        return new OptionalRedisCalls();
    }

    @Bean
    StockAdmission stockAdmission(StockCache cache, OptionalRedisCalls line, LineProperties properties) {
        return new StockAdmission(cache, line, properties.stockBelievedFor(), System::nanoTime);
    }

    @Bean
    OrderIds orderIds(Installation installation) {
        return new OrderIds(installation);
    }

    @Bean
    PastOrders pastOrders(Ledger ledger) {
        return new PastOrders(ledger);
    }

    @Bean
    IdempotentOrderIntake idempotentOrderIntake(OrderIntake intake, OrderIds orderIds, PastOrders past) {
        return new IdempotentOrderIntake(intake, orderIds, past);
    }

    @Bean
    OrderCancellation orderCancellation(
            LedgerExecutor ledger, LineClient line, WaitingRequests waiting, OrderLookup lookup) {
        return new OrderCancellation(ledger, line, waiting, lookup);
    }

    @Bean
    OrderLookup orderLookup(
            LedgerExecutor ledger,
            LineClient line,
            LineThroughput pace,
            WaitingRequests waiting,
            IdempotencyStore memory) {
        return new OrderLookup(ledger, line, pace, waiting, memory);
    }

    @Bean
    OrderStreams orderStreams(OrderLookup lookup, ApiProperties properties) {
        return new OrderStreams(properties.maxStreams(), lookup::find, System::nanoTime);
    }
}

package dev.turnstile.api;

import dev.turnstile.line.IdempotencyStore;
import dev.turnstile.line.LineConfiguration;
import dev.turnstile.line.RedisRequestMemory;
import dev.turnstile.line.RequestLimits;
import dev.turnstile.startup.RequiredServers;
import dev.turnstile.startup.Server;
import dev.turnstile.stock.LedgerConfiguration;
import org.redisson.api.RedissonClient;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The API: takes orders in over HTTP and answers with what the workers decided. */
@SpringBootApplication
@Import({LedgerConfiguration.class, LineConfiguration.class})
public class TurnstileApi {

    /** Runs the API until it is stopped. */
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(TurnstileApi.class);
        application.addListeners(RequiredServers.of(Server.KAFKA, Server.MYSQL, Server.LINE_REDIS));
        application.run(args);
    }

    @Bean
    RequestLimits requestLimits(ApiProperties properties) {
        return new RequestLimits(properties.idempotencyMost(), properties.idempotencyMemory());
    }

    @Bean
    IdempotencyStore idempotencyStore(RedissonClient lineRedisClient, RequestLimits limits) {
        return new RedisRequestMemory(lineRedisClient, limits);
    }
}

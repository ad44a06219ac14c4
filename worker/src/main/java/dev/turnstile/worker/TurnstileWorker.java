package dev.turnstile.worker;

import dev.turnstile.line.LineConfiguration;
import dev.turnstile.order.TopicConfiguration;
import dev.turnstile.stock.LedgerConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Import;

/** Consumes orders, takes the right to their stock, decides and answers them. Start as many as wanted. */
@SpringBootApplication
@ConfigurationPropertiesScan
@Import({LineConfiguration.class, LedgerConfiguration.class, TopicConfiguration.class})
public class TurnstileWorker {

    public static void main(String[] arguments) {
        SpringApplication.run(TurnstileWorker.class, arguments);
    }
}

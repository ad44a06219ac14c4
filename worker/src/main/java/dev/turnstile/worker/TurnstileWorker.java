package dev.turnstile.worker;

import dev.turnstile.line.LineConfiguration;
import dev.turnstile.order.TopicConfiguration;
import dev.turnstile.startup.RequiredServers;
import dev.turnstile.startup.Server;
import dev.turnstile.stock.InstallationTopicConfiguration;
import dev.turnstile.stock.LedgerConfiguration;
import dev.turnstile.trace.TraceConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.support.ProducerListener;

/** Consumes orders, takes the right to their stock, decides and answers them. Start as many as wanted. */
@SpringBootApplication
@ConfigurationPropertiesScan
@Import({
    LineConfiguration.class,
    InstallationTopicConfiguration.class,
    LedgerConfiguration.class,
    TopicConfiguration.class,
    TraceConfiguration.class
})
public class TurnstileWorker {

    /** Runs a worker until it is stopped. */
    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(TurnstileWorker.class);
        application.addListeners(
                RequiredServers.of(Server.KAFKA, Server.MYSQL, Server.LINE_REDIS, Server.REDLOCK_NODES));
        application.run(arguments);
    }

    /** Silent: the default logs whole records with a stack trace; the senders log each failure in one line. */
    @Bean
    ProducerListener<Object, Object> producerListener() {
        return new ProducerListener<>() {};
    }
}

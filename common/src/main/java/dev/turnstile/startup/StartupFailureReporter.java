package dev.turnstile.startup;

import java.sql.SQLException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.redisson.client.RedisAuthRequiredException;
import org.redisson.client.RedisWrongPasswordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says in one line, without a trace, why an application could not start when the cause is its surroundings: a server that
 * is missing, or one that refuses our credentials. Every other failure is left to Spring Boot's own reporters.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartupFailureReporter implements SpringBootExceptionReporter {

    private static final Logger log = LoggerFactory.getLogger(StartupFailureReporter.class);

    private static final int MYSQL_NO_ACCESS_TO_DATABASE = 1044;
    private static final int MYSQL_ACCESS_DENIED = 1045;
    private static final int MYSQL_UNKNOWN_DATABASE = 1049;

    /** Called by Spring Boot, which passes the context that failed, or null if there was none yet. */
    StartupFailureReporter(@Nullable ConfigurableApplicationContext context) {}

    @Override
    public boolean reportException(Throwable failure) {
        String line = explain(failure);
        if (line == null) {
            return false;
        }
        log.error("cannot start: {}", line);
        return true;
    }

    /** What happened and which property mends it, or null if the surroundings are not to blame. */
    static @Nullable String explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String line = explainCause(cause);
            if (line != null) {
                return line;
            }
        }
        return null;
    }

    private static @Nullable String explainCause(Throwable cause) {
        if (cause instanceof StartupException) {
            return cause.getMessage();
        }
        if (cause instanceof SQLException sql) {
            return explainSql(sql);
        }
        if (cause instanceof RedisAuthRequiredException || cause instanceof RedisWrongPasswordException) {
            return "Redis refused our credentials (" + firstLine(cause)
                    + "): put user and password into the address, redis://user:password@host:port, in "
                    + Server.LINE_REDIS.property() + " or " + Server.REDLOCK_NODES.property();
        }
        if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
            return "Kafka refused our credentials (" + firstLine(cause)
                    + "): set spring.kafka.properties.sasl.jaas.config or spring.kafka.ssl.*, and the rights of that user";
        }
        return null;
    }

    private static @Nullable String explainSql(SQLException failure) {
        return switch (failure.getErrorCode()) {
            case MYSQL_ACCESS_DENIED, MYSQL_NO_ACCESS_TO_DATABASE ->
                "MySQL refused our credentials (" + firstLine(failure)
                        + "): mend spring.datasource.username and spring.datasource.password";
            case MYSQL_UNKNOWN_DATABASE ->
                "MySQL does not know the database (" + firstLine(failure)
                        + "): create it, or mend the last part of spring.datasource.url";
            default -> null;
        };
    }

    private static String firstLine(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}

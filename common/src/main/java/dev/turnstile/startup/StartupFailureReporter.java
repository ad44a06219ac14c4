package dev.turnstile.startup;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.function.Function;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.redisson.client.RedisAuthRequiredException;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisTimeoutException;
import org.redisson.client.RedisWrongPasswordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says in one line, without a trace, why an application could not start when the cause is its surroundings: a server
 * that is missing, does not answer or refuses our credentials. Every other failure is left to Spring Boot's own
 * reporters.
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

    /** What happened and which property fixes it, or null if the environment is not the cause. */
    static @Nullable String explain(Throwable failure) {
        String line = firstExplained(failure, StartupFailureReporter::explainRefusal);
        return line == null ? firstExplained(failure, StartupFailureReporter::explainSilence) : line;
    }

    private static @Nullable String firstExplained(
            Throwable failure, Function<Throwable, @Nullable String> explanation) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String line = explanation.apply(cause);
            if (line != null) {
                return line;
            }
        }
        return null;
    }

    private static @Nullable String explainRefusal(Throwable cause) {
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

    /** A server that accepts connections, or did a moment ago, and does not answer. */
    private static @Nullable String explainSilence(Throwable cause) {
        if (cause instanceof SQLTransientConnectionException
                || cause instanceof SQLNonTransientConnectionException
                || cause instanceof SQLRecoverableException) {
            return "MySQL accepts no connection (" + firstLine(cause) + "): check the server and "
                    + Server.MYSQL.property();
        }
        if (cause instanceof RedisConnectionException || cause instanceof RedisTimeoutException) {
            return "Redis does not answer (" + firstLine(cause) + "): check the server and "
                    + Server.LINE_REDIS.property() + " or " + Server.REDLOCK_NODES.property();
        }
        if (cause instanceof TimeoutException) {
            return "Kafka does not answer (" + firstLine(cause) + "): check its brokers, their advertised"
                    + " listeners and " + Server.KAFKA.property();
        }
        return null;
    }

    private static @Nullable String explainSql(SQLException failure) {
        return switch (failure.getErrorCode()) {
            case MYSQL_ACCESS_DENIED, MYSQL_NO_ACCESS_TO_DATABASE ->
                "MySQL refused our credentials (" + firstLine(failure)
                        + "): fix spring.datasource.username and spring.datasource.password";
            case MYSQL_UNKNOWN_DATABASE ->
                "MySQL does not know the database (" + firstLine(failure)
                        + "): create it, or fix the last part of spring.datasource.url";
            default -> null;
        };
    }

    /** Without the connection and the command that Redisson appends. */
    private static String firstLine(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.lines().findFirst().orElse(message).replaceFirst("[. ]* channel: .*", "");
    }
}

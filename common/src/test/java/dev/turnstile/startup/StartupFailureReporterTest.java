package dev.turnstile.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisAuthRequiredException;
import org.redisson.client.RedisTimeoutException;

class StartupFailureReporterTest {

    @Test
    void explainsRefusedCredentialsHoweverDeepTheyAre() {
        Throwable denied = new IllegalStateException(
                "bean", new IllegalStateException(new SQLException("Access denied for user 'x'@'h'", "28000", 1045)));
        assertThat(StartupFailureReporter.explain(denied))
                .contains("Access denied for user 'x'@'h'")
                .contains("spring.datasource.password")
                .doesNotContain("\n");
    }

    @Test
    void explainsAnUnknownDatabase() {
        assertThat(StartupFailureReporter.explain(new SQLException("Unknown database 'y'", "42000", 1049)))
                .contains("spring.datasource.url");
    }

    @Test
    void explainsRedisAndKafkaCredentials() {
        assertThat(StartupFailureReporter.explain(new RedisAuthRequiredException("NOAUTH Authentication required.")))
                .contains("turnstile.line.redis");
        assertThat(StartupFailureReporter.explain(new SaslAuthenticationException("Authentication failed")))
                .contains("sasl.jaas.config");
    }

    @Test
    void explainsServersThatDoNotAnswerUnlessTheCauseIsTheirRefusal() {
        assertThat(StartupFailureReporter.explain(new SQLTransientConnectionException("timed out")))
                .contains("spring.datasource.url");
        assertThat(StartupFailureReporter.explain(new SQLTransientConnectionException(
                        "timed out", new SQLException("Access denied", "28000", 1045))))
                .contains("spring.datasource.password");
        assertThat(StartupFailureReporter.explain(new RedisTimeoutException("no answer")))
                .contains("turnstile.line.redis");
        assertThat(StartupFailureReporter.explain(new TimeoutException("no broker")))
                .contains("spring.kafka.bootstrap-servers");
    }

    @Test
    void leavesOtherFailuresToSpringBoot() {
        assertThat(StartupFailureReporter.explain(new IllegalStateException("a bug")))
                .isNull();
        assertThat(StartupFailureReporter.explain(new SQLException("syntax", "42000", 1064)))
                .isNull();
        assertThat(new StartupFailureReporter(null).reportException(new IllegalStateException("a bug")))
                .isFalse();
    }
}

package dev.turnstile.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisAuthRequiredException;

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
    void leavesOtherFailuresToSpringBoot() {
        assertThat(StartupFailureReporter.explain(new IllegalStateException("a bug")))
                .isNull();
        assertThat(StartupFailureReporter.explain(new SQLException("syntax", "42000", 1064)))
                .isNull();
        assertThat(new StartupFailureReporter(null).reportException(new IllegalStateException("a bug")))
                .isFalse();
    }
}

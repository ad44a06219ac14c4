package dev.turnstile.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ApiPropertiesTest {

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(ApiProperties.class)
    static class Application {}

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(Application.class);

    @Test
    void hasDefaultsForAllButTheToken() {
        application.run(context -> assertThat(context.getBean(ApiProperties.class))
                .isEqualTo(new ApiProperties(
                        0,
                        Duration.ofSeconds(30),
                        5000,
                        Duration.ofSeconds(5),
                        1000,
                        Duration.ofMillis(20),
                        1000,
                        Duration.ofSeconds(5),
                        null,
                        4,
                        200,
                        Duration.ofHours(1),
                        1_000_000,
                        false)));
    }

    @Test
    void doesNotShowTheToken() {
        application.withPropertyValues("turnstile.api.admin-token=hush").run(context -> assertThat(
                        context.getBean(ApiProperties.class).toString())
                .doesNotContain("hush"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "turnstile.api.instance=-1",
                "turnstile.api.gather-limit=-1ms",
                "turnstile.api.wait-limit=0s",
                "turnstile.api.max-waiting-requests=0",
                "turnstile.api.backend-timeout=-1s",
                "turnstile.api.admin-token=",
                "turnstile.api.line-wait-limit=-1s",
                "turnstile.api.line-least-room=0",
                "turnstile.api.max-streams=0",
                "turnstile.api.idempotency-memory=0s",
                "turnstile.api.idempotency-most=0",
                "turnstile.api.admin-token=two words",
                "turnstile.api.admin-token=k\u00e4se",
                "turnstile.api.ledger-threads=0",
                "turnstile.api.max-waiting-for-ledger=0"
            })
    void namesThePropertyThatIsOutOfBounds(String property) {
        String name = property.substring(0, property.indexOf('='));
        application
                .withPropertyValues(property)
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageStartingWith(name + " must"));
    }
}

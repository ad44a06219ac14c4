package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ClockPropertiesTest {

    private final ApplicationContextRunner context = new ApplicationContextRunner().withUserConfiguration(Clocks.class);

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(ClockProperties.class)
    static class Clocks {}

    @Test
    void theClockIsTheSystemsUnlessItIsShifted() {
        context.run(started -> assertThat(now(started.getBean(ClockProperties.class)))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7m", "-7m"})
    void theClockCanBeAheadOrBehind(String offset) {
        context.withPropertyValues("turnstile.clock.offset=" + offset)
                .run(started -> assertThat(now(started.getBean(ClockProperties.class)))
                        .isCloseTo(
                                Instant.now().plus(Duration.ofMinutes(offset.startsWith("-") ? -7 : 7)),
                                within(1, ChronoUnit.MINUTES)));
    }

    private static Instant now(ClockProperties properties) {
        return properties.clock().instant();
    }
}

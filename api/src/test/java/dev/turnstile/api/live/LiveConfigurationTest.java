package dev.turnstile.api.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class LiveConfigurationTest {

    @Test
    void nothingIsThereWhenItIsSwitchedOff() {
        new ApplicationContextRunner()
                .withUserConfiguration(LiveConfiguration.class, LiveController.class)
                .withPropertyValues("turnstile.live.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(LiveController.class)
                        .doesNotHaveBean(LiveConfiguration.class));
    }

    @Test
    void whatMakesNoSenseIsNamed() {
        assertThatThrownBy(() -> new LiveProperties(true, false, 0, Duration.ofSeconds(1)))
                .hasMessageContaining("turnstile.live.max-watchers");
        assertThatThrownBy(() -> new LiveProperties(true, false, 1, Duration.ofMillis(99)))
                .hasMessageContaining("turnstile.live.interval");
    }
}

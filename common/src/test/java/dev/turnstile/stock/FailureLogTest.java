package dev.turnstile.stock;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailureLogTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(FailureLogTest.class);
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private long now;
    private final FailureLog failures = new FailureLog(logger, "claims fail", () -> now);

    @BeforeEach
    void listen() {
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private List<String> lines() {
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void tellsOnceAMinuteHowOftenAndTheEnd() {
        for (int i = 0; i < 61; i++) {
            failures.failed("no table, time " + i);
            pass(Duration.ofSeconds(1));
        }
        failures.succeeded();
        failures.succeeded();
        assertThat(lines())
                .containsExactly(
                        "claims fail: no table, time 0",
                        "claims fail: no table, time 60 (60 times since the last such line)",
                        "claims fail: works again");
    }

    @Test
    void whatComesAndGoesIsToldOnceAMinuteToo() {
        for (int i = 0; i < 5900; i++) {
            failures.failed("deadlock");
            failures.succeeded();
            pass(Duration.ofMillis(10));
        }
        assertThat(lines()).as("a failure and its end").hasSize(2);
        pass(Duration.ofMinutes(1));
        failures.failed("deadlock");
        assertThat(lines()).hasSize(3).last().asString().contains("(5900 times since");
    }
}

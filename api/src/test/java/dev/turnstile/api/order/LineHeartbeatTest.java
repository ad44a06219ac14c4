package dev.turnstile.api.order;

import static java.util.concurrent.CompletableFuture.completedStage;
import static java.util.concurrent.CompletableFuture.failedStage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.line.LineCounters;
import dev.turnstile.line.LineProperties;
import dev.turnstile.line.TicketLine;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class LineHeartbeatTest {

    private final TicketLine line = mock();
    private final AtomicInteger looks = new AtomicInteger();

    /** Looks many times before its second heartbeat. */
    private final LineHeartbeat pulse = new LineHeartbeat(
            line,
            mock(),
            new Binder(new MapConfigurationPropertySource(Map.of(
                            "turnstile.line.redis", "redis://127.0.0.1:1", "turnstile.line.heartbeat-limit", "60s")))
                    .bindOrCreate("turnstile.line", LineProperties.class));

    @BeforeEach
    void aLineThatIsRead() {
        when(line.traffic()).thenAnswer(call -> {
            looks.incrementAndGet();
            return completedStage(new LineCounters(1, 0, 0));
        });
    }

    @AfterEach
    void stop() {
        pulse.stop();
    }

    /** A Redis whose memory is full, or that became a replica, answers every look and takes no order. */
    @Test
    void aLineThatTakesNoWritesIsNotHeard() {
        when(line.beat()).thenReturn(failedStage(new IllegalStateException("OOM")));
        pulse.start();
        await().until(() -> looks.get() > 2);
        assertThat(pulse.isHeard()).isFalse();
    }

    @Test
    void aLineThatTakesWritesIsHeard() {
        when(line.beat()).thenReturn(completedStage(null));
        pulse.start();
        await().until(pulse::isHeard);
    }
}

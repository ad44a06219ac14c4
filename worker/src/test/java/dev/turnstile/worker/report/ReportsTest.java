package dev.turnstile.worker.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.turnstile.line.LineStatus;
import dev.turnstile.line.WorkerReport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReportsTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final LineStatus board = mock(LineStatus.class);
    private long nanos;
    private final Reports reports = new Reports(board, "worker-1", registry, () -> nanos);

    @Test
    void reportsWhatWasSinceTheLastTime() {
        AtomicInteger kept =
                registry.gauge("turnstile.orders.kept", List.of(Tag.of("mode", "fair")), new AtomicInteger(9));
        registry.counter("turnstile.orders.decided", "mode", "fair", "outcome", "fulfilled")
                .increment(30);
        registry.counter("turnstile.orders.decided", "mode", "distributed", "outcome", "fulfilled")
                .increment(10);
        registry.summary("turnstile.run.length", "mode", "fair").record(30);
        registry.summary("turnstile.run.length", "mode", "distributed").record(10);
        registry.timer("turnstile.wakeup.to.claim", "mode", "fair").record(Duration.ofMillis(3));
        registry.timer("turnstile.lock.hold", "mode", "fair").record(Duration.ofMillis(8));
        nanos += Duration.ofSeconds(2).toNanos();
        assertThat(reports.next()).isEqualTo(new WorkerReport(9, 0, 20, 20, 3, 8));

        assertThat(kept).isNotNull();
        kept.set(0);
        nanos += Duration.ofSeconds(1).toNanos();
        assertThat(reports.next()).as("nothing happened").isEqualTo(new WorkerReport(0, 0, 0, 0, 0, 0));
    }

    @Test
    void leavesThemOnTheBoard() throws InterruptedException {
        when(board.report(any(), any())).thenReturn(CompletableFuture.completedFuture(null));
        reports.run(time -> true);
        verify(board).report(eq("worker-1"), any(WorkerReport.class));
    }
}

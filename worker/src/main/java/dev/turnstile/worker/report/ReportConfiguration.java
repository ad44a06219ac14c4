package dev.turnstile.worker.report;

import dev.turnstile.line.LineBoard;
import dev.turnstile.worker.PeriodicTask;
import dev.turnstile.worker.WorkerProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ReportConfiguration {

    @Bean
    PeriodicTask workerReports(LineBoard board, WorkerProperties worker, MeterRegistry registry) {
        return new PeriodicTask(
                "worker-reports",
                LineBoard.BETWEEN_REPORTS,
                new Reports(board, worker.uniqueId(), registry, System::nanoTime),
                RandomGenerator.getDefault());
    }
}

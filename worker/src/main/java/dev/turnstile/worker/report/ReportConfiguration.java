package dev.turnstile.worker.report;

import dev.turnstile.line.LineStatus;
import dev.turnstile.worker.PeriodicTask;
import dev.turnstile.worker.WorkerProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ReportConfiguration {

    @Bean
    PeriodicTask workerReports(LineStatus board, WorkerProperties worker, MeterRegistry registry) {
        return new PeriodicTask(
                "worker-reports",
                LineStatus.BETWEEN_REPORTS,
                new Reports(board, worker.uniqueId(), registry, System::nanoTime),
                RandomGenerator.getDefault());
    }
}

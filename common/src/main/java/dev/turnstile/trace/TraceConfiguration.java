package dev.turnstile.trace;

import io.opentelemetry.api.OpenTelemetry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces of orders, into whatever OpenTelemetry the application has. */
@Configuration(proxyBeanMethods = false)
public class TraceConfiguration {

    @Bean
    OrderSpans orderSpans(ObjectProvider<OpenTelemetry> openTelemetry) {
        return new OrderSpans(openTelemetry.getIfAvailable(OpenTelemetry::noop));
    }
}

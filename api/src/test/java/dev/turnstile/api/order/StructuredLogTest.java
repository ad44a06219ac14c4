package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.api.order.FakeBackends.FakePublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(OutputCaptureExtension.class)
class StructuredLogTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    /** The first application of a JVM sets the log up for all, and leaves the format there. */
    @BeforeEach
    @AfterEach
    void letTheNextApplicationSetTheLogUp() {
        LoggingSystem.get(getClass().getClassLoader()).cleanUp();
        System.clearProperty(LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
    }

    @Test
    void aLineAboutAnOrderHasItsIdTicketAndTraceAsFields(CapturedOutput output) throws Exception {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(FakeBackends.class)
                .run(
                        "--server.port=0",
                        "--springdoc.api-docs.enabled=false",
                        "--logging.structured.format.console=logstash")) {
            FakePublisher publisher = application.getBean(FakePublisher.class);
            publisher.failure = new IllegalStateException("no broker");
            ApiClient api =
                    new ApiClient(application.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
            api.send(api.request("PATCH", "/v1/stocks/locks/fair", "{\"orders\":[{\"productId\":1,\"quantity\":1}]}")
                    .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"));
        }

        JsonNode line = output.getOut()
                .lines()
                .filter(text -> text.startsWith("{") && text.contains("could not be published")) // others log here, too
                .map(text -> JsonMapper.shared().readTree(text))
                .findFirst()
                .orElseThrow();
        assertThat(line.path("message").asString())
                .contains(line.path("orderId").asString());
        assertThat(line.path("orderId").asString()).hasSize(36);
        assertThat(line.path("ticket").asLong()).isEqualTo(1);
        assertThat(line.path("traceId").asString()).isEqualTo(TRACE);
    }

    @Test
    void byDefaultLinesAreForPeople(CapturedOutput output) {
        new SpringApplicationBuilder(FakeBackends.class)
                .run("--server.port=0", "--springdoc.api-docs.enabled=false")
                .close();
        assertThat(output.getOut().lines().filter(text -> text.startsWith("{"))).isEmpty();
        assertThat(output.getOut().lines().filter(text -> text.matches(".*(WARN|ERROR).*")))
                .isEmpty();
    }
}

package dev.turnstile.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";

    private static SpanContext context(TraceFlags flags) {
        return SpanContext.create(TRACE, SPAN, flags, TraceState.getDefault());
    }

    @Test
    void isThatOfTheThreadsSpan() {
        assertThat(TraceParent.current()).isNull();
        try (Scope scope = Span.wrap(context(TraceFlags.getSampled())).makeCurrent()) {
            assertThat(scope).isNotNull();
            assertThat(TraceParent.current()).isEqualTo(SAMPLED);
        }
    }

    @Test
    void whatIsNotSampledHasNone() {
        try (Scope scope = Span.wrap(context(TraceFlags.getDefault())).makeCurrent()) {
            assertThat(scope).isNotNull();
            assertThat(TraceParent.current()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mine",
                "00-" + TRACE + "-" + SPAN + "-00",
                "00-" + TRACE + "-" + SPAN,
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
                SAMPLED + "-"
            })
    void whatHasNotItsFormOrIsNotSampledIsPassedOver(String text) {
        assertThat(TraceParent.sampledOrNull(text)).isNull();
        assertThat(TraceParent.sampledOrNull(SAMPLED)).isEqualTo(SAMPLED);
    }

    @Test
    void withoutAnyTracingItTravelsOnAsItIs() {
        OrderSpans spans = new OrderSpans(OpenTelemetry.noop());
        assertThat(spans.record("decide", SpanKind.CONSUMER, SAMPLED, Duration.ZERO, Attributes.empty()))
                .isEqualTo(SAMPLED);
        assertThat(spans.record("decide", SpanKind.CONSUMER, null, Duration.ZERO, Attributes.empty()))
                .isNull();
        assertThat(TraceParent.traceId(SAMPLED)).isEqualTo(TRACE);
    }
}

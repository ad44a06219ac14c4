package dev.turnstile.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Records work on an order as a span of its trace, once it is finished: orders are decided by the hundred and on other
 * threads than they came in on, so none of them is ever a thread's current span.
 *
 * <p>Safe for use by any thread.
 */
public final class OrderSpans {

    private final Tracer tracer;

    /** Makes spans there. */
    public OrderSpans(OpenTelemetry openTelemetry) {
        this.tracer = openTelemetry.getTracer("dev.turnstile");
    }

    /**
     * Records a span that ends now.
     *
     * @param parent where the order's trace stands, or null if it is not traced: then nothing happens
     * @param took how long ago it began; what is negative, by clocks that differ, counts as nothing
     * @return where the trace stands then
     */
    public @Nullable String record(
            String name, SpanKind kind, @Nullable String parent, Duration took, Attributes attributes) {
        SpanContext context = parent == null ? null : TraceParent.parse(parent);
        if (context == null) {
            return null;
        }
        Instant end = Instant.now();
        Span span = tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(context)))
                .setSpanKind(kind)
                .setStartTimestamp(took.isNegative() ? end : end.minus(took))
                .setAllAttributes(attributes)
                .startSpan();
        span.end(TimeUnit.SECONDS.toNanos(end.getEpochSecond()) + end.getNano(), TimeUnit.NANOSECONDS);
        String next = TraceParent.of(span);
        return next == null ? parent : next;
    }
}

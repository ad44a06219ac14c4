package dev.turnstile.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place in a trace from which an order goes on, as the text of a {@code traceparent} header (W3C Trace Context).
 * Only sampled orders have one here: an order that is not traced carries nothing and costs nothing.
 */
public final class TraceParent {

    /** Name of the header, in HTTP and in records. */
    public static final String HEADER = "traceparent";

    private static final Pattern FORM =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

    private TraceParent() {}

    /** Of what this thread does now, or null if that is not sampled. */
    public static @Nullable String current() {
        return of(Span.current());
    }

    static @Nullable String of(Span span) {
        SpanContext context = span.getSpanContext();
        return context.isValid() && context.isSampled()
                ? "00-" + context.getTraceId() + "-" + context.getSpanId() + "-"
                        + context.getTraceFlags().asHex()
                : null;
    }

    /** The same text if it has the form and is sampled, else null: a trace is no reason to refuse an order. */
    public static @Nullable String sampledOrNull(@Nullable String text) {
        return text == null || parse(text) == null ? null : text;
    }

    /** The trace it belongs to. */
    public static String traceId(String traceParent) {
        SpanContext context = parse(traceParent);
        return context == null ? "" : context.getTraceId();
    }

    static @Nullable SpanContext parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        SpanContext context = SpanContext.createFromRemoteParent(
                matcher.group(1), matcher.group(2), TraceFlags.fromHex(matcher.group(3), 0), TraceState.getDefault());
        return context.isSampled() ? context : null;
    }
}

package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Outcome;
import dev.turnstile.stock.DecidedRun;
import dev.turnstile.stock.Stock;
import dev.turnstile.trace.OrderSpans;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DecisionTelemetryTest {

    private static final Instant ACCEPTED = Instant.parse("2026-01-02T03:04:05Z");
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<SpanData> spans = new ArrayList<>();
    private final DecisionTelemetry watch = new DecisionTelemetry(Mode.FAIR, meters, new OrderSpans(recordingSdk()));

    private OpenTelemetrySdk recordingSdk() {
        SpanProcessor processor = new SpanProcessor() {
            @Override
            public void onStart(Context parent, ReadWriteSpan span) {}

            @Override
            public boolean isStartRequired() {
                return false;
            }

            @Override
            public void onEnd(ReadableSpan span) {
                spans.add(span.toSpanData());
            }

            @Override
            public boolean isEndRequired() {
                return true;
            }
        };
        return OpenTelemetrySdk.builder()
                .setTracerProvider(
                        SdkTracerProvider.builder().addSpanProcessor(processor).build())
                .build();
    }

    private static Order order() {
        return new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), ACCEPTED, null, null);
    }

    private static Decision decision(Order order, Outcome outcome, long afterMs) {
        return new Decision(order.id(), Mode.FAIR, 7L, outcome, ACCEPTED.plusMillis(afterMs));
    }

    private double decided(String outcome) {
        return meters.get("turnstile.orders.decided")
                .tags("mode", "fair", "outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void countsEachOutcomeOnceAndWhatHadBeenDecidedBeforeAsComeAgain() {
        List<Order> orders = List.of(order(), order(), order(), order());
        DecidedRun run = new DecidedRun(
                List.of(
                        decision(orders.get(0), new Outcome.Fulfilled(List.of()), 10),
                        decision(orders.get(1), new Outcome.OutOfStock(List.of()), 30),
                        decision(orders.get(2), new Outcome.Fulfilled(List.of()), -50),
                        decision(orders.get(3), new Outcome.Cancelled(), 1)),
                List.of(new Stock(1, 0, 1)),
                Set.of(orders.get(2).id(), orders.get(3).id()));

        watch.decided(orders, run);

        assertThat(decided("fulfilled")).isEqualTo(1);
        assertThat(decided("out-of-stock")).isEqualTo(1);
        assertThat(decided("invalid")).as("there from the start").isZero();
        assertThat(meters.get("turnstile.time.in.line").timer().count()).isEqualTo(2);
        assertThat(meters.get("turnstile.time.in.line").timer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(40);
        assertThat(meters.get("turnstile.run.length").summary().totalAmount()).isEqualTo(4);
        assertThat(meters.get("turnstile.redeliveries").counter().count())
                .as("who left the line did not come again")
                .isEqualTo(1);
    }

    @Test
    void aRefusalForWantOfTheLockIsNoRun() {
        Order order = order();
        watch.decided(
                List.of(order), new DecidedRun(List.of(decision(order, new Outcome.Unavailable(""), 1)), List.of()));
        assertThat(decided("unavailable")).isEqualTo(1);
        assertThat(meters.get("turnstile.run.length").summary().count()).isZero();
    }

    @Test
    void aTracedOrderGetsASpanOfItsTraceFromWhichItsReplyGoesOn() {
        Order order = order().traced("00-" + TRACE + "-" + PARENT + "-01");

        String next =
                watch.trace(order, decision(order, new Outcome.Fulfilled(List.of()), 1), 3, Duration.ofMillis(20));

        assertThat(spans).singleElement().satisfies(span -> {
            assertThat(span.getName()).isEqualTo("decide fair");
            assertThat(span.getTraceId()).isEqualTo(TRACE);
            assertThat(span.getParentSpanId()).isEqualTo(PARENT);
            assertThat(span.getEndEpochNanos() - span.getStartEpochNanos()).isEqualTo(20_000_000);
            assertThat(span.getAttributes().get(AttributeKey.stringKey("turnstile.order.id")))
                    .isEqualTo(order.id().toString());
            assertThat(span.getAttributes().get(AttributeKey.longKey("turnstile.ticket")))
                    .isEqualTo(7);
            assertThat(next).isEqualTo("00-" + TRACE + "-" + span.getSpanId() + "-01");
        });
    }

    @Test
    void whatIsNotTracedLeavesNoSpan() {
        Order order = order();
        assertThat(watch.trace(order, decision(order, new Outcome.Fulfilled(List.of()), 1), 1, Duration.ZERO))
                .isNull();
        assertThat(spans).isEmpty();
    }
}

package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.trace.TraceParent;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What becomes of records that are read. */
class RepliesTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final SpanNotes spans = new SpanNotes();
    private final List<Decision> received = new ArrayList<>();
    private final Replies replies = new Replies(
            mock(),
            0,
            (decision, before) -> received.add(decision),
            new OrderSpans(OpenTelemetrySdk.builder()
                    .setTracerProvider(
                            SdkTracerProvider.builder().addSpanProcessor(spans).build())
                    .build()));
    private final Decision decision =
            new Decision(UUID.randomUUID(), Mode.FAIR, 1L, new Outcome.Fulfilled(List.of()), Instant.ofEpochSecond(1));

    private ConsumerRecord<String, byte[]> record(byte[] value) {
        return new ConsumerRecord<>(OrderTopics.REPLIES, 0, 0, null, value);
    }

    @Test
    void aTracedReplyIsTheLastSpanOfItsTrace() {
        ConsumerRecord<String, byte[]> reply = record(OrderJson.write(decision));
        reply.headers().add(TraceParent.HEADER, ("00-" + TRACE + "-00f067aa0ba902b7-01").getBytes(UTF_8));
        replies.receive(reply);
        assertThat(received).containsExactly(decision);
        assertThat(spans.ended()).singleElement().satisfies(span -> {
            assertThat(span.getName()).isEqualTo("reply");
            assertThat(span.getSpanContext().getTraceId()).isEqualTo(TRACE);
        });
    }

    @Test
    void aReplyThatIsNotTracedLeavesNoSpan() {
        replies.receive(record(OrderJson.write(decision)));
        assertThat(received).containsExactly(decision);
        assertThat(spans.ended()).isEmpty();
    }

    @Test
    void aReplyThatCanNotBeReadIsPassedOver() {
        replies.receive(record("no json".getBytes(UTF_8)));
        assertThat(received).isEmpty();
    }
}

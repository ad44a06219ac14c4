package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.turnstile.order.Decision;
import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.order.Outcome;
import dev.turnstile.startup.StartupException;
import dev.turnstile.trace.OrderSpans;
import dev.turnstile.trace.TraceParent;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.core.ConsumerFactory;

/** What becomes of records that are read. */
class ReplyReaderTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final SpanNotes spans = new SpanNotes();
    private final List<Decision> received = new ArrayList<>();
    private final ReplyReader replies = new ReplyReader(
            mock(),
            0,
            (decision, before) -> received.add(decision),
            new OrderSpans(OpenTelemetrySdk.builder()
                    .setTracerProvider(
                            SdkTracerProvider.builder().addSpanProcessor(spans).build())
                    .build()));
    private final Decision decision =
            new Decision(UUID.randomUUID(), Mode.FAIR, 1L, new Outcome.Fulfilled(List.of()), Instant.ofEpochSecond(1));

    private ConsumerRecord<String, byte[]> record(byte @Nullable [] value) {
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
    void noHeaderOrTimeKeepsAnOutcomeBack() {
        for (byte[] value :
                new byte[][] {null, {}, {0}, {(byte) 0xff, (byte) 0xfe}, "00-1-2-01".getBytes(UTF_8), new byte[100_000]
                }) {
            ConsumerRecord<String, byte[]> reply = record(OrderJson.write(decision));
            reply.headers().add(TraceParent.HEADER, value);
            reply.headers().add(OrderTopics.HEADER_DECIDED_BEFORE, value);
            reply.headers().add(OrderTopics.HEADER_CORRELATION_ID, value);
            replies.receive(reply);
        }
        assertThat(received).hasSize(6).containsOnly(decision);
        assertThat(spans.ended()).isEmpty();
        for (long time : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
            ConsumerRecord<String, byte[]> reply = new ConsumerRecord<>(
                    OrderTopics.REPLIES,
                    0,
                    0,
                    time,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    null,
                    OrderJson.write(decision),
                    new RecordHeaders(),
                    Optional.empty());
            reply.headers().add(TraceParent.HEADER, ("00-" + TRACE + "-00f067aa0ba902b7-01").getBytes(UTF_8));
            replies.receive(reply);
        }
        assertThat(received).hasSize(10).containsOnly(decision);
    }

    @Test
    void whateverAReplyMakesSomebodyThrowIsPassedOver() {
        ReplyReader odd = new ReplyReader(
                mock(),
                0,
                (decision, before) -> {
                    throw new IllegalStateException("odd");
                },
                new OrderSpans(OpenTelemetry.noop()));
        odd.receive(record(OrderJson.write(decision)));
        odd.receive(record(null));
    }

    @Test
    void aReplyThatCanNotBeReadIsPassedOver() {
        replies.receive(record("no json".getBytes(UTF_8)));
        assertThat(received).isEmpty();
    }

    @Test
    @SuppressWarnings("unchecked")
    void aMissingReplyTopicIsOneLineThatSaysHowToMakeIt() {
        ConsumerFactory<String, byte[]> consumers = mock();
        when(consumers.createConsumer()).thenReturn(mock(org.apache.kafka.clients.consumer.Consumer.class));
        ReplyReader reader =
                new ReplyReader(consumers, 3, (decision, before) -> {}, new OrderSpans(OpenTelemetry.noop()));
        assertThatThrownBy(reader::start)
                .isInstanceOf(StartupException.class)
                .hasMessage("Kafka has no topic orders.replies: let this account make topics, or make it with one"
                        + " partition for each API");
    }
}

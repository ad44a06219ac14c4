package dev.turnstile.local.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.order.OrderTopics;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RedriveTest {

    private static final byte[][] VALUES = {
        null,
        {},
        {(byte) 0xff, 0},
        "null".getBytes(UTF_8),
        "[".repeat(60_000).getBytes(UTF_8),
        "{\"v\":1,\"order\":null}".getBytes(UTF_8),
        "{\"v\":99}".getBytes(UTF_8),
        new byte[1_000_000]
    };

    /** So that the next letter has its turn: no server is asked about such a one. */
    @Test
    void whateverALetterHoldsIsRefusedOrSent() throws Exception {
        try (Redrive redrive =
                new Redrive("127.0.0.1:1", new ExternalServers.Jdbc("jdbc:mysql://127.0.0.1:1/x", "x", "x"))) {
            for (byte[] value : VALUES) {
                for (long time : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
                    ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(
                            OrderTopics.FAIR + OrderTopics.DEAD_LETTER_SUFFIX,
                            0,
                            0,
                            time,
                            TimestampType.CREATE_TIME,
                            0,
                            0,
                            null,
                            value,
                            new RecordHeaders(),
                            Optional.empty());
                    record.headers()
                            .add(OrderTopics.HEADER_ORDER_ID, value)
                            .add("dlt-reason", value)
                            .add("dlt-partition", value)
                            .add("dlt-offset", value);
                    DeadLetter letter = DeadLetter.of(record);
                    assertThat(letter.orderId()).isNull();
                    assertThat(redrive.send(letter)).isInstanceOf(Redriven.Refused.class);
                }
            }
        }
    }
}

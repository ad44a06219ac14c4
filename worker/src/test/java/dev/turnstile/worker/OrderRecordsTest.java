package dev.turnstile.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.order.Mode;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderJson;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.OrderTopics;
import dev.turnstile.trace.TraceParent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class OrderRecordsTest {

    private static final String OURS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String ANOTHER = "00-11112222333344445555666677778888-00f067aa0ba902b7-01";

    private final Order order =
            new Order(UUID.randomUUID(), Mode.FAIR, List.of(new OrderLine(1, 1)), Instant.ofEpochSecond(1), null, null);

    private static ConsumerRecord<String, byte[]> record(Order order, String traceParent) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(OrderTopics.FAIR, 0, 0, null, OrderJson.write(order));
        record.headers().add(TraceParent.HEADER, traceParent.getBytes(UTF_8));
        return record;
    }

    @Test
    void theTraceOfAnotherProducerIsInTheHeaderAlone() throws Exception {
        assertThat(OrderRecords.read(record(order, OURS))).isEqualTo(order.traced(OURS));
        assertThat(OrderRecords.read(record(order.traced(OURS), ANOTHER))).isEqualTo(order.traced(OURS));
    }

    @Test
    void anyHeaderOfThatNameIsNoReasonToRefuseAnOrder() throws Exception {
        assertThat(OrderRecords.read(record(order, "00-1-2-01"))).isEqualTo(order);
    }
}

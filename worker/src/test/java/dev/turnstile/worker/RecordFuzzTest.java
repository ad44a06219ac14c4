package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.fuzz.RecordFuzzer;
import dev.turnstile.fuzz.RecordFuzzer.Shot;
import dev.turnstile.order.Order;
import dev.turnstile.order.OrderLine;
import dev.turnstile.proof.Proofs;
import dev.turnstile.stock.Installation;
import dev.turnstile.worker.OrderRecords.Content;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Records of all kinds, valid and invalid; {@code -Dturnstile.seed=…} repeats them. */
class RecordFuzzTest {

    /** Of every build; with proofs it is another one each time. */
    private static final long SEED = 20261201;

    private static final int RECORDS = Proofs.times(20_000, 1_000_000);

    private final Installation installation = new Installation(UUID.randomUUID(), new byte[32]);
    private final OrderRecords records = new OrderRecords(installation);
    private final Map<String, Integer> kinds = new TreeMap<>();

    @Test
    void exactlyWhatIsRightIsAnOrderAndNothingIsThrown(TestReporter reporter) {
        long seed = Long.getLong("turnstile.seed", Proofs.wanted() ? System.nanoTime() : SEED);
        reporter.publishEntry("turnstile.seed", "" + seed);
        RecordFuzzer fuzzer =
                new RecordFuzzer(seed, List.of(1L, 2L, 3L), installation.id(), System.currentTimeMillis());
        for (int number = 1; number <= RECORDS; number++) {
            Shot shot = fuzzer.next();
            try {
                judge(shot);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "-Dturnstile.seed=" + seed + ", record " + number + ": " + e.getMessage() + "\n" + shot, e);
            }
        }
        reporter.publishEntry("records by kind", "" + kinds);
        assertThat(kinds.getOrDefault("right", 0)).isBetween(RECORDS / 4, RECORDS * 3 / 4);
        assertThat(kinds).as("every kind of damage occurs").hasSizeGreaterThan(26);
    }

    private void judge(Shot shot) {
        ConsumerRecord<String, byte[]> record = record(shot);
        Content content = records.read(record);
        if (content instanceof Content.Valid valid) {
            Order order = valid.order();
            assertThat(shot.right()).as("it is read as %s", valid).isTrue();
            assertThat(order.id()).isEqualTo(shot.orderId());
            assertThat(order.lines().stream().collect(Collectors.toMap(OrderLine::productId, OrderLine::quantity)))
                    .isEqualTo(shot.pieces());
            assertThat(valid.ticket()).isNull();
            assertThat(records.orderId(record)).contains(shot.orderId());
        } else if (content instanceof Content.Invalid invalid) {
            assertThat(shot.right()).as("it is refused: %s", invalid.reason()).isFalse();
            assertThat(invalid.reason()).isNotBlank().doesNotContain("can't be read: ");
            Optional<UUID> named = records.orderId(record); // for whom it speaks, without an exception
            assertThat(named.map(UUID::toString).orElse("")).isNotEqualTo("1-1-1-1-1");
        }
        String kind = shot.right() ? "right" : shot.kind().replaceFirst(".*, ", "");
        kinds.merge(kind.startsWith("odd") ? "too large" : kind, 1, Integer::sum);
    }

    private static ConsumerRecord<String, byte[]> record(Shot shot) {
        byte[] key = shot.key();
        byte[] value = shot.value();
        RecordHeaders headers = new RecordHeaders();
        shot.headers().forEach(part -> headers.add(part.name(), part.value()));
        try (StringDeserializer keys = new StringDeserializer()) {
            return new ConsumerRecord<>(
                    shot.topic(),
                    0,
                    0,
                    shot.timestampMs(),
                    TimestampType.CREATE_TIME,
                    key == null ? ConsumerRecord.NULL_SIZE : key.length,
                    value == null ? ConsumerRecord.NULL_SIZE : value.length,
                    keys.deserialize(shot.topic(), key),
                    value,
                    headers,
                    Optional.empty());
        }
    }
}

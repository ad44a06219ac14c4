package dev.turnstile.line;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnstile.stock.Installation;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TicketMacTest {

    private static final byte[] VALUE = "value".getBytes(UTF_8);
    private static final Ticket TICKET = new Ticket(42);

    private static TicketMac of(int secret) {
        byte[] bytes = new byte[32];
        bytes[31] = (byte) secret;
        return new TicketMac(new Installation(UUID.randomUUID(), bytes));
    }

    private static String text(byte[] code) {
        return new String(code, UTF_8);
    }

    /** Processes of two builds make and check it, so it never changes: computed with Python's {@code hmac}. */
    @Test
    void isTheFirstHalfOfAnHmac() {
        assertThat(text(of(0).of(TICKET, VALUE))).isEqualTo("9MR27YfCenhuLIOwEVAT8g");
    }

    @Test
    void isOfOneTicketOneValueAndOneSecret() {
        String code = text(of(1).of(TICKET, VALUE));
        assertThat(of(1).isOf(code, TICKET, VALUE)).isTrue();
        assertThat(of(2).isOf(code, TICKET, VALUE)).isFalse();
        assertThat(of(1).isOf(code, new Ticket(43), VALUE)).isFalse();
        assertThat(of(1).isOf(code, TICKET, "valuE".getBytes(UTF_8))).isFalse();
        assertThat(of(1).isOf(code, TICKET, null)).isFalse();
        assertThat(of(1).isOf("", TICKET, VALUE)).isFalse();
        assertThat(of(1).isOf(code + "\ud800", TICKET, VALUE)).isFalse();
    }

    @Test
    void manyThreadsMayUseIt() {
        TicketMac mac = of(3);
        byte[] one = mac.of(TICKET, VALUE);
        assertThat(IntStream.range(0, 10_000).parallel().mapToObj(i -> mac.of(TICKET, VALUE)))
                .allSatisfy(code -> assertThat(code).isEqualTo(one));
    }
}

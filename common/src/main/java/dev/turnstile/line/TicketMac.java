package dev.turnstile.line;

import dev.turnstile.stock.Installation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Message authentication code that a record of a fair order carries beside its ticket: HMAC-SHA256 (RFC 2104) of the
 * ticket and the value under the secret of the installation, cut to 128 bits. Only a process of the installation can
 * make one, so another producer can't write a place in the line, nor copy one into another record.
 *
 * <p>Safe for use by any thread.
 */
public final class TicketMac {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 16;

    /** Never used itself: a copy costs less than to begin with the secret. */
    private final Mac unused;

    /** Creates the codes of an installation. */
    public TicketMac(Installation installation) {
        try {
            unused = Mac.getInstance(ALGORITHM);
            unused.init(new SecretKeySpec(installation.secret(), ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /**
     * The code of a record, as the text of its header {@link dev.turnstile.order.OrderTopics#HEADER_TICKET_MAC}.
     *
     * @param value the value of the record
     */
    public byte[] of(Ticket ticket, byte[] value) {
        try {
            Mac mac = (Mac) unused.clone();
            // begins with a byte 0, as tickets are below 2^53: ids of idempotency keys are codes of texts, which don't
            mac.update(ByteBuffer.allocate(Long.BYTES).putLong(ticket.number()).flip());
            byte[] code = Arrays.copyOf(mac.doFinal(value), BYTES);
            return Base64.getUrlEncoder().withoutPadding().encode(code);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every Java platform can copy " + ALGORITHM, e);
        }
    }

    /** Whether a text is the code of a record with this ticket and this value. */
    public boolean isOf(String text, Ticket ticket, byte @Nullable [] value) {
        return value != null && MessageDigest.isEqual(text.getBytes(StandardCharsets.UTF_8), of(ticket, value));
    }
}

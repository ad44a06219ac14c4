package dev.turnstile.api.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.turnstile.stock.Installation;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Ids of orders with an idempotency key. All instances of an installation compute the same id; without its secret it
 * can't be computed, so a guessed key reveals no order id.
 */
final class OrderIds {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec secret;

    OrderIds(Installation installation) {
        this.secret = new SecretKeySpec(installation.secret(), ALGORITHM);
    }

    /**
     * The ids of some attempts. An order that was refused for the time being is final, too: the next attempt is another
     * order.
     *
     * @param first the number of the first of them, from 0
     * @return UUIDs of version 8 (RFC 9562)
     */
    List<UUID> of(IdempotencyKey key, int first, int count) {
        return IntStream.range(first, first + count)
                .mapToObj(attempt -> id(attempt + ":" + key.value()))
                .toList();
    }

    private UUID id(String name) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            ByteBuffer code = ByteBuffer.wrap(mac.doFinal(name.getBytes(UTF_8)));
            return new UUID(
                    (code.getLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x8000L,
                    (code.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}

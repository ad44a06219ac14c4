package dev.turnstile.line;

import dev.turnstile.order.ReplyAddress;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Notices of other workers. Each is a hint: it may be lost or arrive twice. */
public interface WakeupListener {

    /** An order that this worker keeps can be claimed now. */
    void claimable();

    /** Orders that this worker keeps were decided by another one, and answered. */
    void decided(Collection<Answered> answered);

    /**
     * An order that was answered.
     *
     * @param orderId which
     * @param to the reply address, or null if the decided record had none; another record of the order may have another
     */
    record Answered(UUID orderId, @Nullable ReplyAddress to) {}
}

package dev.turnstile.line;

import dev.turnstile.order.ReplyAddress;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a worker is told by others. A hint each: any of them may be lost or come twice. */
public interface Wakeups {

    /** An order that this worker keeps can be claimed now. */
    void claimable();

    /** Orders that this worker keeps were decided by another one, and answered. */
    void decided(Collection<Answered> answered);

    /**
     * An order that was answered.
     *
     * @param orderId which
     * @param to where, or null if nobody waited by the record that was decided; another record of the order may want its answer elsewhere
     */
    record Answered(UUID orderId, @Nullable ReplyAddress to) {}
}

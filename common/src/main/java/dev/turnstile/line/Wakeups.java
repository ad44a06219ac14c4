package dev.turnstile.line;

import java.util.Collection;
import java.util.UUID;

/** What a worker is told by others. A hint each: any of them may be lost or come twice. */
public interface Wakeups {

    /** An order that this worker keeps can be claimed now. */
    void claimable();

    /** Orders that this worker keeps were decided by another one, and answered. */
    void decided(Collection<UUID> orderIds);
}

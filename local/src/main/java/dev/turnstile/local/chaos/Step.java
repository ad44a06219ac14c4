package dev.turnstile.local.chaos;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client does, and when: milliseconds after the start. */
sealed interface Step {

    /** When. */
    long atMs();

    /**
     * Orders.
     *
     * @param number of the request, from 0
     * @param api whom it asks, from 0, modulo how many there are
     * @param key idempotency key, or null
     * @param prefer the header {@code Prefer}, or null
     * @param patienceMs when the client closes the connection without an answer; 0 for one who waits
     */
    record Ordering(
            long atMs,
            int number,
            int api,
            Mode mode,
            List<OrderLine> lines,
            @Nullable String key,
            @Nullable String prefer,
            int patienceMs)
            implements Step {}

    /** One of those who were told lately that they wait leaves the line: which, as a fraction of them. */
    record Leaving(long atMs, int api, double choice) implements Step {}

    /** Stock is set. */
    record Restocking(long atMs, int api, long productId, int quantity) implements Step {}
}

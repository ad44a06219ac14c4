package dev.turnstile.local.chaos;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.UUID;
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
     * @param patienceMs when the client closes the connection without an answer; 0 for a client that waits
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

    /**
     * One orders, and when that is answered, another one.
     *
     * @param second its time is how long after the answer it is sent, 1 ms or more
     */
    record Pairing(Ordering first, Ordering second) implements Step {
        @Override
        public long atMs() {
            return first.atMs();
        }
    }

    /**
     * One of the orders whose outcome a client received lately is asked for: which, as a fraction of them, and whether
     * its events are.
     */
    record Looking(long atMs, int api, double choice, boolean follows) implements Step {}

    /**
     * A record that is no API's is put into a topic.
     *
     * @param partition which, as a fraction of all
     * @param orderId the order in it, where it has one
     * @param productId what that order wants
     */
    record Sending(long atMs, HostileRecord kind, String topic, double partition, UUID orderId, long productId)
            implements Step {}

    /** One of the orders recently reported as waiting leaves the line: which, as a fraction of them. */
    record Leaving(long atMs, int api, double choice) implements Step {}

    /** Stock is set. */
    record Restocking(long atMs, int api, long productId, int quantity) implements Step {}
}

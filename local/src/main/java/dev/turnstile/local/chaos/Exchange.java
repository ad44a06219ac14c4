package dev.turnstile.local.chaos;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request and what its client saw of it.
 *
 * @param kind what was asked
 * @param number of the request among those of its kind
 * @param sentMs when it was sent, after the start
 * @param answeredMs when the answer was there, or the client knew that none would come
 * @param mode of an order, else null
 * @param lines what was ordered, or what stock was set; else empty
 * @param key idempotency key, or null
 * @param status of the answer; 0 if none came
 * @param orderId the order that the answer names, or that was asked to be left, or null
 * @param problem the last part of the type of a problem, or what happened to the connection; null for success
 * @param retired whether the client gave up
 */
record Exchange(
        Kind kind,
        int number,
        long sentMs,
        long answeredMs,
        @Nullable Mode mode,
        List<OrderLine> lines,
        @Nullable String key,
        int status,
        @Nullable UUID orderId,
        @Nullable String problem,
        boolean retired) {

    /** What was asked. */
    enum Kind {
        /** {@code PATCH}. */
        ORDER,
        /** {@code DELETE}. */
        LEAVE,
        /** {@code PUT}. */
        RESTOCK
    }

    /** Copies the lines. */
    Exchange {
        lines = List.copyOf(lines);
    }

    boolean isOrder() {
        return kind == Kind.ORDER;
    }

    /** Whether the client can't tell from the answer whether there is an order. */
    boolean leavesDoubt() {
        return isOrder() && orderId == null && (status == 0 || status >= 500);
    }
}

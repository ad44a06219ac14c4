package dev.turnstile.local.chaos;

import dev.turnstile.order.Mode;
import dev.turnstile.order.OrderLine;
import dev.turnstile.order.Shortage;
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
 * @param answer what came
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
        Answer answer,
        boolean retired) {

    /** What was asked. */
    enum Kind {
        /** {@code PATCH}. */
        ORDER,
        /** {@code DELETE}. */
        LEAVE,
        /** {@code GET} of an order. */
        LOOK,
        /** {@code GET} of an order's events, to their end. */
        FOLLOW,
        /** {@code PUT}. */
        RESTOCK
    }

    /** What an order is said to be while it is not decided. */
    static final String WAITING = "WAITING";

    /**
     * An answer.
     *
     * @param status of the answer; 0 if none came
     * @param orderId the order that the answer names, or that was asked for, or null
     * @param problem the last part of the type of a problem, or what happened to the connection; null for success
     * @param told the state of the order in the answer: {@link #WAITING} or its outcome; null if it has none
     * @param ticket the order's ticket in the answer, or null
     * @param shortages what is said to be short
     */
    record Answer(
            int status,
            @Nullable UUID orderId,
            @Nullable String problem,
            @Nullable String told,
            @Nullable Long ticket,
            List<Shortage> shortages) {

        /** Copies the shortages. */
        Answer {
            shortages = List.copyOf(shortages);
        }

        /** An answer without a statement about an order. */
        static Answer of(int status, @Nullable UUID orderId, @Nullable String problem) {
            return new Answer(status, orderId, problem, null, null, List.of());
        }
    }

    /** Copies the lines. */
    Exchange {
        lines = List.copyOf(lines);
    }

    int status() {
        return answer.status();
    }

    @Nullable UUID orderId() {
        return answer.orderId();
    }

    @Nullable String problem() {
        return answer.problem();
    }

    @Nullable Long ticket() {
        return answer.ticket();
    }

    boolean isOrder() {
        return kind == Kind.ORDER;
    }

    /** Whether the order is said to be decided. */
    boolean tellsOutcome() {
        return answer.told() != null && !answer.told().equals(WAITING);
    }

    /** Whether the client can't derive from the answer whether there is an order. */
    boolean leavesDoubt() {
        return isOrder() && orderId() == null && (status() == 0 || status() >= 500);
    }
}

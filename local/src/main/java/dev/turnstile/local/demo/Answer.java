package dev.turnstile.local.demo;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The request of one user of a crowd and its answer, by the clock of the load generator.
 *
 * @param user number of the user, from 0, in the order of sending
 * @param api number of the API instance that was asked, from 0
 * @param sentNanos right before sending, nanoseconds after the crowd's start
 * @param answeredNanos when the whole answer was there, nanoseconds after the crowd's start, or null if none came
 * @param httpStatus status of the answer, or null if none came
 * @param orderId the order the answer names, or null if it names none (rejected at admission, errors)
 * @param ticket the ticket the answer names, or null if it names none
 * @param problem what was wrong: the last part of the problem's type, or the error of the connection; null for 2xx
 */
public record Answer(
        int user,
        int api,
        long sentNanos,
        @Nullable Long answeredNanos,
        @Nullable Integer httpStatus,
        @Nullable UUID orderId,
        @Nullable Long ticket,
        @Nullable String problem) {

    /** What an answer says about the order. */
    public enum Told {
        /** It was fulfilled. */
        FULFILLED,
        /** The stock is gone. */
        REFUSED,
        /** It is accepted and not yet decided. */
        WAITING,
        /** Anything else that came over HTTP. */
        ERROR,
        /** No answer came, or the connection broke. */
        NOTHING
    }

    private static final String OUT_OF_STOCK = "out-of-stock";

    /** The state in the answer. */
    public Told told() {
        if (httpStatus == null) {
            return Told.NOTHING;
        }
        return switch (httpStatus) {
            case 200 -> Told.FULFILLED;
            case 202 -> Told.WAITING;
            case 409 -> OUT_OF_STOCK.equals(problem) ? Told.REFUSED : Told.ERROR;
            default -> Told.ERROR;
        };
    }

    /** Whether the user received an outcome. */
    public boolean decided() {
        return told() == Told.FULFILLED || told() == Told.REFUSED;
    }
}

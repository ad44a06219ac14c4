package dev.turnstile.local.dlt;

import java.util.UUID;

/** What became of a dead letter that was to be sent again. */
public sealed interface Redriven {

    /** In words. */
    String text();

    /**
     * It was sent.
     *
     * @param orderId of the new order
     * @param topic where it was sent to
     */
    record Sent(UUID orderId, String topic) implements Redriven {
        @Override
        public String text() {
            return "sent to " + topic + " as order " + orderId;
        }
    }

    /**
     * It had been sent before, and that order is decided.
     *
     * @param orderId of that order
     * @param status what became of it
     */
    record Decided(UUID orderId, String status) implements Redriven {
        @Override
        public String text() {
            return "was sent before, as order " + orderId + ", which is " + status;
        }
    }

    /**
     * It can't be sent.
     *
     * @param reason why
     */
    record Refused(String reason) implements Redriven {
        @Override
        public String text() {
            return "REFUSED: " + reason;
        }
    }
}

package dev.turnstile.api.order;

import dev.turnstile.order.ReplyAddress;

/** Where this instance reads replies. */
interface ReplyTo {

    /**
     * The address that goes with every order of this instance.
     *
     * @throws IllegalStateException if replies are not read yet
     */
    ReplyAddress address();

    /** Whether replies are read now. */
    default boolean isReading() {
        return true;
    }
}

package dev.turnstile.local.bench.classic;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What lets one order at a time at the cached stock of its products. No thread waits for it. */
interface ClassicLock extends AutoCloseable {

    /** The right to the products, until it is released. */
    interface Held {

        /** Releases it; completes when that is done, exceptionally when it could not be done. */
        CompletableFuture<Void> release();
    }

    /**
     * Waits for all of the products.
     *
     * @param orderId the id of the order in the list
     * @param productIds ascending
     * @return fails with {@link NotWonException} when it was not won in time, if there is such a time
     */
    CompletableFuture<Held> acquire(UUID orderId, List<Long> productIds);

    @Override
    void close();

    /** It was not won in time; nothing is held. */
    final class NotWonException extends Exception {

        private static final long serialVersionUID = 1L;

        NotWonException(String message) {
            super(message);
        }
    }
}

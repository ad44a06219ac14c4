package dev.turnstile.redlock;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The right to change the stock of a set of products: of all of them or of none.
 *
 * <p>It provides order and speed, not correctness: a writer must pass {@link Lease#token()} to the store, which rejects
 * any token that is not greater than the last one it took for each of the products.
 */
public interface ProductLock {

    /**
     * Tries to acquire the products. No thread waits. The stage completes on a thread of the lock: a caller that
     * continues with blocking work uses the {@code …Async} methods with an executor of its own.
     *
     * @param productIds at least one; duplicates count once
     * @param waitLimit how long to go on trying; zero is one try. A try that began in time is brought to its end
     * @return the lease, or empty if it was not acquired in time. Cancelling it ends the attempts and releases what was
     *     acquired
     * @throws IllegalArgumentException if there is no product or the limit is negative
     */
    CompletionStage<Optional<Lease>> acquire(Collection<Long> productIds, Duration waitLimit);
}

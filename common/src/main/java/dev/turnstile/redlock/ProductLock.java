package dev.turnstile.redlock;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The right to change the stock of a set of products: of all of them or of none.
 *
 * <p>It gives order and speed, not truth: whoever writes must hand {@link Lease#token()} to the store, which refuses any
 * token that is not greater than the last one it took for each of the products.
 */
public interface ProductLock {

    /**
     * Tries to win the products. No thread waits. The stage completes on a thread of the lock: whoever goes on with
     * blocking work uses the {@code …Async} methods with an executor of its own.
     *
     * @param productIds at least one; duplicates count once
     * @param waitLimit how long to go on trying; zero is one try. A try that began in time is brought to its end
     * @return the lease, or empty when it was not won in time. Cancelling it ends the trying and gives back what was won
     * @throws IllegalArgumentException if there is no product or the limit is negative
     */
    CompletionStage<Optional<Lease>> acquire(Collection<Long> productIds, Duration waitLimit);
}

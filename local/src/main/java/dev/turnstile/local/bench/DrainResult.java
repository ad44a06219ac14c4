package dev.turnstile.local.bench;

/**
 * What a contender did with the orders of one drain. {@code decided + givenUp} is how many orders there were.
 *
 * @param decided orders whose outcome is committed
 * @param givenUp orders whose turn did not come within the contender's bounds; nothing was written for them
 * @param retries transactions that the database broke off (deadlock, lock time-out) and that were tried again
 * @param nanos from the first order's start to the last one's end
 */
public record DrainResult(int decided, int givenUp, long retries, long nanos) {

    /** Whether every order was decided. */
    public boolean complete() {
        return givenUp == 0;
    }

    /** Orders decided per second. */
    public double perSecond() {
        return nanos == 0 ? 0 : decided * 1e9 / nanos;
    }
}

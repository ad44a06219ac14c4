package dev.turnstile.redlock;

/** Numbers that never come twice, kept where no restart forgets them. */
@FunctionalInterface
public interface EpochSource {

    /** What {@link #next()} returns the first time it is ever called; Redlock draws conclusions from it. */
    long FIRST = 1;

    /**
     * Increments the stored epoch, commits and returns it. May block: it is called on a thread of its own.
     *
     * @return {@link #FIRST}, then always one that is greater than all before, from whichever process it was asked
     * @throws RuntimeException if the store can't be reached; it is asked again later
     */
    long next();
}

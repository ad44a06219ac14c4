package dev.turnstile.local.demo;

/** Which users of a crowd send an idempotency key, each a new one. */
public enum Keys {
    /** No user. */
    NONE,
    /** Every second user of each API instance. */
    HALF,
    /** All users. */
    ALL;

    boolean has(int number) {
        return switch (this) {
            case NONE -> false;
            case HALF -> number % 2 == 0;
            case ALL -> true;
        };
    }
}

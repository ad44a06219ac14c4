package dev.turnstile.stock;

/** The right to the stock ended while a run was decided, and nothing of it was written. */
public final class LeaseLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LeaseLostException() {
        super("the lease was lost before the commit");
    }
}

package dev.turnstile.line;

/** A request under the same idempotency key came before, so no ticket is drawn for this one. */
public final class RequestSeenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean same;

    /**
     * @param same whether the first request asked for the same
     */
    public RequestSeenException(boolean same) {
        super(same ? "the request was seen before" : "the key was used for another request", null, false, false);
        this.same = same;
    }

    /** Whether the first request asked for the same; its order has left the line then. */
    public boolean same() {
        return same;
    }
}

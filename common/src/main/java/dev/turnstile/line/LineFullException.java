package dev.turnstile.line;

/** The line holds its maximum of orders; this one was not admitted and has no ticket. */
public final class LineFullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long waiting;

    /**
     * @param waiting how many orders are in the line
     */
    public LineFullException(long waiting) {
        super("the line is full: " + waiting + " orders are waiting");
        this.waiting = waiting;
    }

    /** How many orders are in the line. */
    public long waiting() {
        return waiting;
    }
}

package dev.turnstile.line;

import dev.turnstile.order.Shortage;
import java.util.List;

/**
 * The stock is not sufficient for the order, whatever the orders in the line take of it; it was not admitted and has no
 * ticket.
 */
public final class SoldOutException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Shortage> shortages;

    /**
     * @param shortages what is short, at least one
     */
    public SoldOutException(List<Shortage> shortages) {
        super("not enough stock: " + shortages, null, false, false); // as many as there are losers: no stack trace
        this.shortages = List.copyOf(shortages);
    }

    /** What is short, at least one. */
    public List<Shortage> shortages() {
        return shortages;
    }
}

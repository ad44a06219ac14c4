package dev.turnstile.line;

/**
 * A place in the line: {@code epoch · 2^40 + sequence}. Tickets are compared as plain numbers; a later epoch follows
 * all tickets of the earlier ones. Below 2^53, so a Redis score (a double) and a Lua number hold it exactly.
 *
 * @param number the whole number
 */
public record Ticket(long number) implements Comparable<Ticket> {

    private static final int SEQUENCE_BITS = 40;

    /** The first epoch that does not fit. */
    public static final int MAX_EPOCH = 8192;

    /**
     * @throws IllegalArgumentException if the number is not positive or its epoch is {@link #MAX_EPOCH} or more
     */
    public Ticket {
        if (number <= 0 || number >> SEQUENCE_BITS >= MAX_EPOCH) {
            throw new IllegalArgumentException("not a ticket: " + number);
        }
    }

    /**
     * Reads a ticket from its decimal digits.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Ticket parse(Object digits) {
        try {
            return new Ticket(Long.parseLong(digits.toString()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a ticket: " + digits, e);
        }
    }

    /** The memory of the line's Redis in which it was drawn; 1 at first, more after each loss. */
    public int epoch() {
        return (int) (number >> SEQUENCE_BITS);
    }

    /** Its place among the tickets of its epoch, from 1. */
    public long sequence() {
        return number & ((1L << SEQUENCE_BITS) - 1);
    }

    @Override
    public int compareTo(Ticket other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}

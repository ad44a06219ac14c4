package dev.turnstile.local.replay;

import java.util.Locale;

/**
 * How fast recorded orders are sent again.
 *
 * @param factor recorded gaps are divided by this; infinite for as fast as it goes
 */
public record Speed(double factor) {

    /** No gaps at all. */
    public static final Speed MAX = new Speed(Double.POSITIVE_INFINITY);

    private static final String MAX_NAME = "max";

    /**
     * @throws IllegalArgumentException if the factor is not positive
     */
    public Speed {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("speed must be greater than 0, was " + factor);
        }
    }

    /**
     * Reads {@code max} or a positive number.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Speed parse(String text) {
        if (text.toLowerCase(Locale.ROOT).equals(MAX_NAME)) {
            return MAX;
        }
        double factor;
        try {
            factor = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("speed must be a number or max, was '" + text + "'", e);
        }
        if (Double.isInfinite(factor)) {
            throw new IllegalArgumentException("speed must be finite or max, was '" + text + "'");
        }
        return new Speed(factor);
    }

    /** Whether there are no gaps to keep. */
    public boolean isMax() {
        return Double.isInfinite(factor);
    }

    @Override
    public String toString() {
        if (isMax()) {
            return MAX_NAME;
        }
        return factor == Math.rint(factor) && factor < 1e9 ? Long.toString((long) factor) : Double.toString(factor);
    }
}

package dev.turnstile.order;

/**
 * One product of an order and how many pieces of it are wanted.
 *
 * @param productId positive
 * @param quantity pieces, positive; after lines of one product are added together at most {@link Order#MAX_LINES} ×
 *     {@link #MAX_QUANTITY}
 */
public record OrderLine(long productId, int quantity) {

    /** The greatest product id a client may name: 2^53 − 1, up to which JSON and Lua hold whole numbers exactly. */
    public static final long MAX_PRODUCT_ID = (1L << 53) - 1;

    /** The most pieces that one line of a request may ask for. */
    public static final int MAX_QUANTITY = 10_000;

    /** The most pieces of one product in an order. */
    private static final int MAX_ADDED = Order.MAX_LINES * MAX_QUANTITY;

    /**
     * @throws IllegalArgumentException if a number is not positive or too great
     */
    public OrderLine {
        if (productId <= 0) {
            throw new IllegalArgumentException("productId must be positive, was " + productId);
        }
        if (productId > MAX_PRODUCT_ID) {
            throw new IllegalArgumentException("productId must be at most " + MAX_PRODUCT_ID + ", was " + productId);
        }
        if (quantity <= 0) {
            throw new IllegalArgumentException("quantity must be positive, was " + quantity);
        }
        if (quantity > MAX_ADDED) {
            throw new IllegalArgumentException("quantity must be at most " + MAX_ADDED + ", was " + quantity);
        }
    }
}

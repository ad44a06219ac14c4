package dev.turnstile.order;

/**
 * Why one product of an order could not be served.
 *
 * @param productId the product
 * @param requested pieces the order wanted
 * @param available pieces there were when it was decided, fewer than {@code requested}
 */
public record Shortage(long productId, int requested, int available) {}

package dev.turnstile.stock;

/**
 * Stored stock of a product.
 *
 * @param productId the product
 * @param quantity pieces, never negative
 * @param version grows with every change of the row
 */
public record Stock(long productId, int quantity, long version) {}

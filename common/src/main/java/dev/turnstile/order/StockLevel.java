package dev.turnstile.order;

/**
 * What remains of a product.
 *
 * @param productId the product
 * @param quantity pieces that remain, never negative
 */
public record StockLevel(long productId, int quantity) {}

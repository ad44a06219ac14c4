package dev.turnstile.local.chaos;

/**
 * What the ledger holds of a product.
 *
 * @param quantity what is stored
 * @param booked the sum of all changes of the stock
 * @param changes how many there were
 */
record ProductStock(long productId, long quantity, long booked, int changes) {}

package dev.turnstile.api.stock;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Stock of a product as the API returns it.
 *
 * @param productId the product
 * @param quantity pieces according to MySQL
 * @param cachedQuantity pieces according to the cache; null if it has none or does not answer
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record StockView(long productId, int quantity, @Nullable Integer cachedQuantity) {}

package dev.turnstile.local.demo;

import org.jspecify.annotations.Nullable;

/**
 * Stock of a product after an experiment.
 *
 * @param productId the product
 * @param stored what MySQL holds
 * @param cached what the cache shows, or null if it shows nothing
 */
public record ProductStock(
        long productId, int stored, @Nullable Integer cached) {}

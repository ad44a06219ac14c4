package dev.turnstile.local.audit;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an audit points at.
 *
 * @param productId the product, or null if it is about none or several
 * @param orderId the order, or null if it is about none
 * @param commitSeq the order's row in the ledger, or null if it is not about one
 * @param what what is the matter, with the figures that show it
 */
public record Finding(
        @Nullable Long productId,
        @Nullable UUID orderId,
        @Nullable Long commitSeq,
        String what) {

    static Finding of(String what) {
        return new Finding(null, null, null, what);
    }

    static Finding ofProduct(long productId, String what) {
        return new Finding(productId, null, null, what);
    }

    static Finding ofOrder(@Nullable UUID orderId, String what) {
        return new Finding(null, orderId, null, what);
    }

    static Finding ofRow(LedgerOrder order, String what) {
        return new Finding(null, order.id(), order.commitSeq(), what);
    }

    static Finding ofRow(LedgerOrder order, long productId, String what) {
        return new Finding(productId, order.id(), order.commitSeq(), what);
    }
}

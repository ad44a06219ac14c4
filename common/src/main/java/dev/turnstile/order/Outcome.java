package dev.turnstile.order;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What became of an order. Every accepted order gets exactly one, and the ledger keeps it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "status")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Outcome.Fulfilled.class, name = Outcome.FULFILLED),
    @JsonSubTypes.Type(value = Outcome.OutOfStock.class, name = Outcome.OUT_OF_STOCK),
    @JsonSubTypes.Type(value = Outcome.UnknownProduct.class, name = Outcome.UNKNOWN_PRODUCT),
    @JsonSubTypes.Type(value = Outcome.Cancelled.class, name = Outcome.CANCELLED),
    @JsonSubTypes.Type(value = Outcome.Unavailable.class, name = Outcome.UNAVAILABLE),
    @JsonSubTypes.Type(value = Outcome.Invalid.class, name = Outcome.INVALID)
})
public sealed interface Outcome {

    /** Status of {@link Fulfilled} on the wire and in the ledger. */
    String FULFILLED = "FULFILLED";
    /** Status of {@link OutOfStock} on the wire and in the ledger. */
    String OUT_OF_STOCK = "OUT_OF_STOCK";
    /** Status of {@link UnknownProduct} on the wire and in the ledger. */
    String UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT";
    /** Status of {@link Cancelled} on the wire and in the ledger. */
    String CANCELLED = "CANCELLED";
    /** Status of {@link Unavailable} on the wire and in the ledger. */
    String UNAVAILABLE = "UNAVAILABLE";
    /** Status of {@link Invalid} on the wire and in the ledger. */
    String INVALID = "INVALID";

    /** The name of this outcome on the wire and in the ledger. */
    String status();

    /**
     * All lines were taken.
     *
     * @param stocks what remained of each of its products right after this order
     */
    record Fulfilled(List<StockLevel> stocks) implements Outcome {
        public Fulfilled {
            stocks = List.copyOf(stocks); // what comes off the wire may lack anything
        }

        @Override
        public String status() {
            return FULFILLED;
        }
    }

    /**
     * Nothing was taken, because at least one product had too few pieces.
     *
     * @param shortages the products that were short
     */
    record OutOfStock(List<Shortage> shortages) implements Outcome {
        public OutOfStock {
            shortages = List.copyOf(shortages); // what comes off the wire may lack anything
        }

        @Override
        public String status() {
            return OUT_OF_STOCK;
        }
    }

    /**
     * Nothing was taken, because a product is not known.
     *
     * @param productIds the products without a stock row
     */
    record UnknownProduct(List<Long> productIds) implements Outcome {
        public UnknownProduct {
            productIds = List.copyOf(productIds); // what comes off the wire may lack anything
        }

        @Override
        public String status() {
            return UNKNOWN_PRODUCT;
        }
    }

    /** The order left the line before it was decided. */
    record Cancelled() implements Outcome {
        @Override
        public String status() {
            return CANCELLED;
        }
    }

    /**
     * The right to the stock was not won in time; nothing was taken and a new attempt may succeed.
     *
     * @param reason for people
     */
    record Unavailable(String reason) implements Outcome {
        public Unavailable {
            requireNonNull(reason, "an outcome needs its reason");
        }

        @Override
        public String status() {
            return UNAVAILABLE;
        }
    }

    /**
     * The order could not be processed and never can be; its record may be dead-lettered.
     *
     * @param reason for people
     */
    record Invalid(String reason) implements Outcome {
        public Invalid {
            requireNonNull(reason, "an outcome needs its reason");
        }

        @Override
        public String status() {
            return INVALID;
        }
    }
}

package dev.turnstile.api.order;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Fair mode, as far as the API decides about it.
 *
 * @param partitionKey what the records of orders.fair are keyed by. The order of the line does not depend on it.
 */
@ConfigurationProperties("turnstile.fair")
public record FairProperties(@DefaultValue("product") PartitionKey partitionKey) {

    /** What a record of the fair topic is keyed by. */
    public enum PartitionKey {
        /** The lowest product id: orders for one product meet at one worker, so that fewer wakeups travel. */
        PRODUCT,
        /** The order id: the crowd for one product is spread over all workers. */
        ORDER
    }
}

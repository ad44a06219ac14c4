package dev.turnstile.local.system;

import java.util.Locale;

/**
 * What to start.
 *
 * @param apis how many APIs, at least 1
 * @param workers how many workers, not negative
 * @param port of the first API; API number i listens on port + i. With {@link #ANY_PORT} each listens on one that is
 *     free
 * @param fairPartitionKey by what the orders of fair mode are spread over partitions
 */
public record SystemOptions(int apis, int workers, int port, FairPartitionKey fairPartitionKey) {

    /** Each API listens on a port that is free when it starts. */
    public static final int ANY_PORT = 0;

    /** One API on port 8080 and two workers. */
    public static final SystemOptions DEFAULT = new SystemOptions(1, 2, 8080, FairPartitionKey.PRODUCT);

    /** The key of the topic with the orders of fair mode. */
    public enum FairPartitionKey {
        /** The order's lowest product id: orders of one product meet in one partition. */
        PRODUCT,
        /** The order's id: orders of one product spread over all workers. */
        ORDER;

        /** As the API's property takes it. */
        String property() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Checks the numbers. */
    public SystemOptions {
        if (apis < 1) {
            throw new IllegalArgumentException("apis must be at least 1, and is " + apis);
        }
        if (workers < 0) {
            throw new IllegalArgumentException("workers must not be negative, and is " + workers);
        }
        if (port != ANY_PORT && (port < 1 || port + apis - 1 > 65_535)) {
            throw new IllegalArgumentException(
                    "the ports of " + apis + " APIs must lie between 1 and 65535, and start at " + port);
        }
    }
}

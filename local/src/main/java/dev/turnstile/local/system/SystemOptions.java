package dev.turnstile.local.system;

import java.util.List;
import java.util.Locale;

/**
 * What to start.
 *
 * @param apis how many APIs, at least 1
 * @param workers how many workers, not negative
 * @param port of the first API; API number i listens on port + i
 * @param fairPartitionKey by what the orders of fair mode are spread over partitions
 * @param workerArguments further arguments of every worker, {@code --name=value}
 */
public record SystemOptions(
        int apis, int workers, int port, FairPartitionKey fairPartitionKey, List<String> workerArguments) {

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

    /** Workers as they are by default. */
    public SystemOptions(int apis, int workers, int port, FairPartitionKey fairPartitionKey) {
        this(apis, workers, port, fairPartitionKey, List.of());
    }

    /** Checks the numbers. */
    public SystemOptions {
        workerArguments = List.copyOf(workerArguments);
        if (apis < 1) {
            throw new IllegalArgumentException("apis must be at least 1, and is " + apis);
        }
        if (workers < 0) {
            throw new IllegalArgumentException("workers must not be negative, and is " + workers);
        }
        if (port < 1 || port + apis - 1 > 65_535) {
            throw new IllegalArgumentException(
                    "the ports of " + apis + " APIs must lie between 1 and 65535, and start at " + port);
        }
    }
}

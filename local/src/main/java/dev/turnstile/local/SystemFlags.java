package dev.turnstile.local;

import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags that select the APIs and workers to start, shared by all commands that start a system. */
public final class SystemFlags {

    @Option(
            names = "--apis",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many APIs to start (default: ${DEFAULT-VALUE}).")
    private int apis;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many workers to start (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--port",
            defaultValue = "8080",
            description = "Port of the first API, on loopback; API number i listens on this port + i"
                    + " (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--fair-partition-key",
            paramLabel = "product|order",
            defaultValue = "PRODUCT",
            description = "Key of the topic orders.fair: an order's lowest product id, or its own id"
                    + " (default: product).")
    private FairPartitionKey fairPartitionKey = FairPartitionKey.PRODUCT;

    /**
     * What the flags say, with one worker at least.
     *
     * @param command whose usage is shown when they make no sense
     * @throws ParameterException if they make no sense
     */
    public SystemOptions optionsWithWorkers(CommandLine command) {
        if (workers == 0) {
            throw new ParameterException(command, "--workers: without a worker nothing is decided");
        }
        return options(command);
    }

    /**
     * The same where a system without workers makes sense, too.
     *
     * @param command whose usage is shown when they make no sense
     * @throws ParameterException if they make no sense
     */
    public SystemOptions options(CommandLine command) {
        try {
            return new SystemOptions(apis, workers, port, fairPartitionKey);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, "--apis, --workers, --port: " + e.getMessage(), e);
        }
    }
}

package dev.turnstile.local;

import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.SystemAddresses;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.TurnstileSystem;
import java.io.PrintWriter;
import java.net.URI;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code turnstile up}: starts everything, prints the addresses, and runs until it is stopped. */
@Command(
        name = "up",
        description = "Starts servers, APIs and workers, stocks products 1 to 3, and runs until Ctrl-C.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final int PRODUCTS = 3;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final SystemFlags systemFlags = new SystemFlags();

    @Mixin
    private final ServerFlags serverFlags = new ServerFlags();

    @Option(
            names = "--stock",
            defaultValue = "90",
            description = "Pieces of each of the products 1 to 3 (default: ${DEFAULT-VALUE}).")
    private int stock;

    @Override
    public Integer call() throws InterruptedException {
        if (stock < 0) {
            throw new ParameterException(spec.commandLine(), "--stock must not be negative, and is " + stock);
        }
        SystemOptions options = systemFlags.options(spec.commandLine());
        ExternalServers own = serverFlags.own(spec.commandLine());
        ProjectFiles project = ProjectFiles.locate();
        own.requireReachable();
        // First of all, as it clears away what a killed launcher left: its APIs may hold our ports.
        try (RunFolder run = RunFolder.open(project.runs())) {
            TurnstileSystem.requireStartable(project, options);
            try (ServerStack servers = ServerStack.start(project, run, own, serverFlags.database(), this::warn);
                    TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
                for (int product = 1; product <= PRODUCTS; product++) {
                    system.setStock(product, stock);
                }
                system.onUnexpectedEnd(this::warn);
                tell(system.addresses(), project, run);
                new CountDownLatch(1).await();
                return 0;
            }
        }
    }

    private void warn(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("turnstile: " + line);
        err.flush();
    }

    private void tell(SystemAddresses addresses, ProjectFiles project, RunFolder run) {
        ServerAddresses servers = addresses.servers();
        URI api = addresses.apis().get(0);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                """
                Turnstile is up. Products 1 to %d have %d pieces each.

                  page       %12$s/
                  API        %s
                  Kafka      %s
                  database   %s  user %s
                  line       %s
                  Redlock    %s
                  addresses  %s
                  logs       %s

                Order first come, first served; or without order:
                  curl -X PATCH %12$s/v1/stocks/locks/fair -H 'Content-Type: application/json' \\
                       -d '{"orders":[{"productId":1,"quantity":1},{"productId":2,"quantity":1}]}'
                  curl -X PATCH %12$s/v1/stocks/locks/distributed -H 'Content-Type: application/json' \\
                       -d '{"orders":[{"productId":1,"quantity":1}]}'
                See what is left; stock up:
                  curl %12$s/v1/stocks
                  curl -X PUT %12$s/v1/stocks/1 -H 'Authorization: Bearer %11$s' \\
                       -H 'Content-Type: application/json' -d '{"quantity":90}'

                Ctrl-C stops everything.
                """,
                PRODUCTS,
                stock,
                joined(addresses.apis()),
                servers.kafka(),
                servers.ledgerShown(),
                servers.jdbcUser(),
                servers.lineRedisShown(),
                String.join("  ", servers.redlockNodesShown()),
                project.root().relativize(project.addresses()),
                project.root().relativize(run.logs()),
                addresses.adminToken(),
                api);
        out.flush();
    }

    private static String joined(Iterable<URI> uris) {
        StringBuilder joined = new StringBuilder();
        uris.forEach(uri -> joined.append(joined.isEmpty() ? "" : "  ").append(uri));
        return joined.toString();
    }
}

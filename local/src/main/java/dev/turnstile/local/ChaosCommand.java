package dev.turnstile.local;

import dev.turnstile.local.chaos.ChaosPlan;
import dev.turnstile.local.chaos.ChaosResult;
import dev.turnstile.local.chaos.ChaosRun;
import dev.turnstile.local.chaos.ChaosText;
import dev.turnstile.local.fault.Fault;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.report.ResultJson;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.SystemOptions.FairPartitionKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code turnstile chaos}: sells under faults, both from one seed, and has an oracle judge what came of it. Ends with 0
 * if no promise was broken, else with 1.
 */
@Command(
        name = "chaos",
        description = "Sells while injecting faults of all kinds, from a seed, and checks every guarantee.",
        mixinStandardHelpOptions = true)
final class ChaosCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of requests and faults (default: a new one each time, which is printed).")
    private @Nullable Long seed;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            defaultValue = "2",
            description = "Minutes of orders and faults, for example 0.5 (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(
            names = "--faults",
            paramLabel = "KIND",
            split = ",",
            description = "Inject only these kinds of faults, of: ${COMPLETION-CANDIDATES} (default: all).")
    private Set<Fault.Kind> kinds = EnumSet.allOf(Fault.Kind.class);

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "60",
            description = "Orders per second, on average (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--apis",
            paramLabel = "N",
            defaultValue = "2",
            description = "How many APIs to start (default: ${DEFAULT-VALUE}).")
    private int apis;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many workers to start (default: ${DEFAULT-VALUE}).")
    private int workers;

    private final long startNanos = System.nanoTime();

    @Override
    public Integer call() throws InterruptedException {
        ChaosPlan plan;
        SystemOptions options;
        try {
            long chosen = seed == null ? new SecureRandom().nextInt(Integer.MAX_VALUE) : seed;
            plan = new ChaosPlan(chosen, Duration.ofMillis(Math.round(minutes * 60_000)), rate, kinds);
            options = new SystemOptions(apis, workers, SystemOptions.ANY_PORT, FairPartitionKey.ORDER);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
        if (workers == 0) {
            throw new ParameterException(spec.commandLine(), "--workers: without a worker nothing is decided");
        }
        ProjectFiles project = ProjectFiles.locate();
        Path folder = project.chaos().resolve(Long.toString(plan.seed()));
        ChaosResult result = new ChaosRun(plan, folder, this::progress).run(project, options);
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(ChaosText.render(result));
        out.println("history  " + folder);
        out.flush();
        write(result, folder.resolve("result.json"));
        return result.held() ? 0 : 1;
    }

    private void progress(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf("%5.1f s  %s%n", (System.nanoTime() - startNanos) / 1e9, line);
        err.flush();
    }

    private static void write(ChaosResult result, Path file) {
        try {
            ResultJson.write(result, file);
        } catch (IOException e) {
            throw new UserError("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}

package dev.turnstile.local;

import dev.turnstile.local.demo.DemoResult;
import dev.turnstile.local.demo.Experiment;
import dev.turnstile.local.demo.HostInfo;
import dev.turnstile.local.demo.ModeResult;
import dev.turnstile.local.demo.Plan;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.report.HtmlReport;
import dev.turnstile.local.report.ResultJson;
import dev.turnstile.local.report.TerminalReport;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code turnstile demo}: starts everything, lets users buy in each mode, and reports the result. Exits with 0 if every
 * expectation held, else with 1.
 */
@Command(
        name = "demo",
        description =
                "Starts servers, APIs and workers, lets users buy scarce products in each mode, and checks the result.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    /** How long answers and outcomes are waited for; beyond the 30 s after which the API answers in any case. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final SystemFlags systemFlags = new SystemFlags();

    @Mixin
    private final ServerFlags serverFlags = new ServerFlags();

    @Option(
            names = "--users",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many users buy, in each mode (default: ${DEFAULT-VALUE}).")
    private int users;

    @Option(
            names = "--stock",
            paramLabel = "N",
            defaultValue = "90",
            description = "Pieces of each product (default: ${DEFAULT-VALUE}).")
    private int stock;

    @Option(
            names = "--products",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many products; every user buys one piece of each (default: ${DEFAULT-VALUE}).")
    private int products;

    @Option(
            names = "--mode",
            paramLabel = "fair|distributed|both",
            defaultValue = "BOTH",
            description = "Which modes to run (default: both).")
    private Modes modes = Modes.BOTH;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "0ms",
            converter = TimeConverter.class,
            description =
                    "Time between one user and the next, for example 2ms; from 2 ms on fair mode is judged by send"
                            + " time, too (default: ${DEFAULT-VALUE}, all at once).")
    private Duration interval = Duration.ZERO;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Warm-up orders per mode, for other products (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "File of the report (default: local/target/demo/report.html).")
    private @Nullable Path report;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "File of all figures and orders (default: local/target/demo/result.json).")
    private @Nullable Path json;

    private final long startNanos = System.nanoTime();

    private enum Modes {
        FAIR,
        DISTRIBUTED,
        BOTH;

        List<Mode> inOrder() {
            return switch (this) {
                case FAIR -> List.of(Mode.FAIR);
                case DISTRIBUTED -> List.of(Mode.DISTRIBUTED);
                case BOTH -> List.of(Mode.DISTRIBUTED, Mode.FAIR);
            };
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Plan plan = plan();
        SystemOptions options = systemFlags.optionsWithWorkers(spec.commandLine());
        ExternalServers own = serverFlags.own(spec.commandLine());
        ProjectFiles project = ProjectFiles.locate();
        TurnstileSystem.requireStartable(project, options);
        own.requireReachable();
        say("starting Kafka, the database and Redis");
        try (RunFolder run = RunFolder.open(project.runs());
                ServerStack servers = ServerStack.start(project, run, own, serverFlags.database(), this::warn)) {
            say("starting %d API(s) and %d worker(s)", options.apis(), options.workers());
            try (TurnstileSystem system = TurnstileSystem.start(project, run, servers, options)) {
                system.onUnexpectedEnd(this::warn);
                DemoResult result = run(plan, options, system);
                tell(result, project.root().resolve("local/target/demo"));
                if (!result.held()) {
                    run.keepLogs();
                    warn("the logs are kept in " + run.logs());
                }
                return result.held() ? 0 : 1;
            }
        }
    }

    private Plan plan() {
        if (products < 1) {
            throw new ParameterException(spec.commandLine(), "--products must be at least 1, was " + products);
        }
        try {
            List<Long> productIds = LongStream.rangeClosed(1, products).boxed().toList();
            return new Plan(users, stock, productIds, interval, warmUp, PATIENCE);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--users, --stock, --interval, --warmup: " + e.getMessage(), e);
        }
    }

    private DemoResult run(Plan plan, SystemOptions options, TurnstileSystem system) throws InterruptedException {
        List<ModeResult> results = new ArrayList<>();
        String adminToken = TurnstileSystem.ADMIN_TOKEN;
        DataSource ledger = ledger(system.addresses().servers());
        try (Experiment experiment = new Experiment(plan, system.addresses().apis(), adminToken, ledger)) {
            for (Mode mode : modes.inOrder()) {
                say("warming up %s mode with %,d orders", name(mode), plan.warmUp());
                experiment.warmUp(mode);
            }
            system.collectGarbage();
            for (Mode mode : modes.inOrder()) {
                say("%,d users buy in %s mode", plan.users(), name(mode));
                results.add(experiment.run(mode));
            }
            say("done");
            DemoResult.Setup setup = new DemoResult.Setup(
                    plan.users(),
                    plan.stock(),
                    plan.productIds().size(),
                    plan.gap().toNanos() / 1e6,
                    plan.warmUp(),
                    options.apis(),
                    options.workers(),
                    options.fairPartitionKey().name().toLowerCase(Locale.ROOT),
                    experiment.database());
            return DemoResult.of(Instant.now(), setup, HostInfo.here(), results);
        } catch (IOException | SQLException e) {
            throw new UserError("the experiment broke off: " + e.getMessage(), e);
        }
    }

    private static DataSource ledger(ServerAddresses servers) {
        return new DriverManagerDataSource(servers.jdbcUrl(), servers.jdbcUser(), servers.jdbcPassword());
    }

    private void tell(DemoResult result, Path folder) {
        Path page = report != null ? report : folder.resolve("report.html");
        Path figures = json != null ? json : folder.resolve("result.json");
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(TerminalReport.render(result));
        try {
            HtmlReport.write(result, page);
            ResultJson.write(result, figures);
        } catch (IOException e) {
            throw new UserError("can't write the report: " + e, e);
        }
        out.println();
        out.println("report   " + page.toAbsolutePath());
        out.println("figures  " + figures.toAbsolutePath());
        out.flush();
    }

    private void say(String format, Object... values) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, "%5.1f s  ", seconds) + String.format(Locale.ROOT, format, values));
        out.flush();
    }

    private void warn(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("turnstile: " + line);
        err.flush();
    }

    private static String name(Mode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}

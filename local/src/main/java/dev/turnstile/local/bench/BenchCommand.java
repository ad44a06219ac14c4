package dev.turnstile.local.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.turnstile.local.ServerFlags;
import dev.turnstile.local.SystemFlags;
import dev.turnstile.local.demo.HostInfo;
import dev.turnstile.local.demo.LedgerReader;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.server.ExternalServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.ProcessSetup;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.TurnstileSystem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code turnstile bench}: starts everything, measures Turnstile side by side with what it is compared with, on the
 * same servers and in one run, and writes tables, plots and every sample.
 */
@Command(
        name = "bench",
        description = "Measures Turnstile beside plain SQL, other locks and the classic protocol, in one run.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {

    private static final String PASSWORD_FLAG = "--mysql-password";

    private static final List<Suite> SUITES = List.of(
            DrainSuite.ofFewProducts(),
            DrainSuite.ofCatalogues(),
            new LockSuite(),
            new CrowdSuite(),
            new LoadSuite(),
            new LineLengthSuite(),
            new ProfileSuite(),
            // the last ones: they start and stop workers
            new BacklogSuite(),
            new WorkersSuite(),
            new MixedSuite());

    private static final long SEED = 20_261_124;

    /** For the widest contender, and some for ourselves. */
    private static final int CONNECTIONS = 4;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final SystemFlags systemFlags = new SystemFlags();

    @Mixin
    private final ServerFlags serverFlags = new ServerFlags();

    @Option(
            names = "--only",
            paramLabel = "SUITE",
            split = ",",
            description =
                    "Suites to run, separated by commas: drain, catalogue, crowd, load, length, backlog, workers, mixed, locks,"
                            + " profile (default: all).")
    private List<String> only = List.of();

    @Option(
            names = "--quick",
            description = "Small sizes and one repetition, to see that everything works; not for quoting.")
    private boolean quick;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            description = "How often everything is measured, after one time that is discarded (default: 5; quick: 1).")
    private @Nullable Integer repetitions;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where results.json, results.md and the plots go (default: local/target/bench).")
    private @Nullable Path out;

    private final long startNanos = System.nanoTime();

    @Override
    public Integer call() throws Exception {
        BenchPlan plan = plan();
        requireKnown();
        SystemOptions options = systemFlags.optionsWithWorkers(spec.commandLine());
        ExternalServers own = serverFlags.own(spec.commandLine());
        ProjectFiles project = ProjectFiles.locate();
        TurnstileSystem.requireStartable(project, options);
        own.requireReachable();
        say("starting Kafka, the database and Redis");
        BenchFigures figures = new BenchFigures();
        try (RunFolder run = RunFolder.open(project.runs(), RunFolder.Priorities.EQUAL);
                ServerStack servers = ServerStack.start(project, run, own, serverFlags.database(), this::say)) {
            say("starting " + options.apis() + " API(s) and " + options.workers() + " worker(s)");
            try (TurnstileSystem system = TurnstileSystem.start(
                            project, run, servers, options, name -> ProcessSetup.on(servers.addresses())
                                    .with("--turnstile.api.noop=true"));
                    HikariDataSource ledger = ledger(servers.addresses());
                    LineAccess line = new LineAccess(servers.addresses(), ledger);
                    OrderFeed feed = new OrderFeed(
                            servers.addresses().kafka(),
                            line,
                            options.fairPartitionKey() == SystemOptions.FairPartitionKey.ORDER)) {
                system.onUnexpectedEnd(this::say);
                BenchEnvironment rig = new BenchEnvironment(
                        run, system, ledger, line, feed, new ProductStocking(ledger, line.cache()));
                Random random = new Random(SEED);
                WarmUp.run(rig, plan, random, this::say);
                for (Suite suite : SUITES) {
                    if (only.isEmpty() || only.contains(suite.key())) {
                        suite.measure(rig, plan, figures, random, this::say);
                        // after each: should a later one fail, the results so far are there
                        say(write(result(plan, options, figures, ledger, project), folder(project)));
                    }
                }
                tell(result(plan, options, figures, ledger, project), folder(project));
                return 0;
            }
        }
    }

    private BenchPlan plan() {
        try {
            return new BenchPlan(repetitions != null ? repetitions : quick ? 1 : 5, quick);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void requireKnown() {
        List<String> known = SUITES.stream().map(Suite::key).toList();
        for (String key : only) {
            if (!known.contains(key)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--only: there is no suite '" + key + "'; there are " + String.join(", ", known));
            }
        }
    }

    static HikariDataSource ledger(ServerAddresses servers) {
        HikariDataSource ledger = new HikariDataSource();
        ledger.setJdbcUrl(servers.jdbcUrl());
        ledger.setUsername(servers.jdbcUser());
        ledger.setPassword(servers.jdbcPassword());
        ledger.setMaximumPoolSize(CONNECTIONS);
        return ledger;
    }

    private BenchResult result(
            BenchPlan plan, SystemOptions options, BenchFigures figures, HikariDataSource ledger, ProjectFiles project)
            throws SQLException {
        return new BenchResult(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                "./turnstile "
                        + withoutPasswords(
                                spec.root().commandLine().getParseResult().originalArgs()),
                commit(project),
                plan.quick(),
                plan.repetitions(),
                options.apis(),
                options.workers(),
                HostInfo.here(),
                new LedgerReader(ledger).database(),
                durability(ledger),
                figures.series(),
                BenchResult.measured(figures));
    }

    /** The arguments as results may quote them: results are published. */
    static String withoutPasswords(List<String> arguments) {
        List<String> shown = new ArrayList<>();
        boolean password = false;
        for (String argument : arguments) {
            if (argument.startsWith(PASSWORD_FLAG)) {
                password = argument.equals(PASSWORD_FLAG);
                shown.add(PASSWORD_FLAG);
            } else if (!password || argument.startsWith("--")) {
                password = false;
                // the last @, as a password may have one too
                shown.add(argument.replaceAll("(redis[s]?://)[^,]*@", "$1")
                        .replaceAll("(?i)password=[^&,;)]*", "password=..."));
            } else {
                password = false;
            }
        }
        return String.join(" ", shown);
    }

    private static String durability(HikariDataSource ledger) throws SQLException {
        Map<String, String> variables = query(
                ledger,
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('sync_binlog', 'innodb_flush_log_at_trx_commit',"
                        + " 'log_bin', 'innodb_log_writer_threads')");
        return variables.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    }

    /** The first column to the last one. */
    private static Map<String, String> query(HikariDataSource ledger, String sql) throws SQLException {
        try (Connection connection = ledger.getConnection();
                Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery(sql)) {
            Map<String, String> found = new LinkedHashMap<>();
            int last = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                found.put(rows.getString(1), rows.getString(last));
            }
            return found;
        }
    }

    /** The commit of the sources according to git; empty outside of a checkout or without git. */
    private static String commit(ProjectFiles project) {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                    .directory(project.root().toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return git.waitFor() == 0 ? answer.strip() : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private Path folder(ProjectFiles project) {
        return out != null ? out : project.root().resolve("local/target/bench");
    }

    private static String write(BenchResult result, Path folder) {
        try {
            String problem = BenchReport.write(result, folder);
            return "written to " + folder + (problem.isEmpty() ? "" : "; " + problem);
        } catch (IOException e) {
            throw new UserError("can't write the results to " + folder + ": " + e, e);
        }
    }

    private void tell(BenchResult result, Path folder) {
        PrintWriter writer = spec.commandLine().getOut();
        writer.println();
        writer.println(BenchReport.markdown(result, List.of()));
        writer.println("results  " + folder.toAbsolutePath());
        writer.flush();
    }

    private void say(String line) {
        PrintWriter writer = spec.commandLine().getOut();
        writer.println(String.format(Locale.ROOT, "%6.1f s  %s", (System.nanoTime() - startNanos) / 1e9, line));
        writer.flush();
    }
}

package dev.turnstile.local.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.turnstile.local.ServerFlags;
import dev.turnstile.local.SystemFlags;
import dev.turnstile.local.process.RunFolder;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.server.OwnServers;
import dev.turnstile.local.server.ServerAddresses;
import dev.turnstile.local.server.ServerStack;
import dev.turnstile.local.system.ProcessSetup;
import dev.turnstile.local.system.SystemOptions;
import dev.turnstile.local.system.TurnstileSystem;
import dev.turnstile.order.Mode;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Drains of Turnstile alone, both modes by turns, to compare two builds or two settings within minutes. See README.md. */
@CommandLine.Command(name = "drains")
public final class Drains implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @CommandLine.Mixin
    private final SystemFlags systemFlags = new SystemFlags();

    @CommandLine.Mixin
    private final ServerFlags serverFlags = new ServerFlags();

    @CommandLine.Option(names = "--warm-up", description = "How many drains of each mode come first.")
    private int warmUp = 12;

    @CommandLine.Option(names = "--repetitions")
    private int repetitions = 7;

    @CommandLine.Option(names = "--goods", split = ",")
    private List<Goods> goods = List.of(Goods.ONE_HOT, Goods.THREE_HOT);

    @CommandLine.Option(names = "--setting", description = "An argument of all APIs and workers.")
    private List<String> settings = List.of();

    public static void main(String[] args) {
        System.exit(new CommandLine(new Drains()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        SystemOptions options = systemFlags.optionsWithWorkers(spec.commandLine());
        OwnServers own = serverFlags.own(spec.commandLine());
        ProjectFiles project = ProjectFiles.locate();
        try (RunFolder run = RunFolder.open(project.runs(), RunFolder.Priorities.EQUAL);
                ServerStack servers = ServerStack.start(project, run, own, serverFlags.database(), line -> {});
                TurnstileSystem system = TurnstileSystem.start(
                        project, run, servers, options, name -> setup(servers.addresses()));
                HikariDataSource ledger = BenchCommand.ledger(servers.addresses());
                LineAccess line = new LineAccess(servers.addresses(), ledger);
                OrderFeed feed = new OrderFeed(
                        servers.addresses().kafka(),
                        line.line(),
                        options.fairPartitionKey() == SystemOptions.FairPartitionKey.ORDER)) {
            Rig rig = new Rig(run, system, ledger, line, feed, new Shelves(ledger, line.cache()));
            Random random = new Random(20_261_126);
            for (int i = 0; i < warmUp; i++) {
                for (Mode mode : Mode.values()) {
                    drain(rig, mode, Goods.ONE_HOT, random, new Figures());
                }
            }
            for (Goods wanted : goods) {
                measure(rig, wanted, random);
            }
            return 0;
        }
    }

    private void measure(Rig rig, Goods wanted, Random random) throws Exception {
        Figures figures = new Figures();
        for (int i = 0; i < repetitions; i++) {
            for (Mode mode : Mode.values()) {
                drain(rig, mode, wanted, random, figures);
            }
        }
        figures.series().forEach(series -> System.out.printf(
                Locale.ROOT,
                "%s, %s, %s: %.1f %s%n",
                series.workload(),
                series.contender(),
                series.metric(),
                series.median(),
                series.samples().stream().map(Math::round).toList()));
    }

    private static void drain(Rig rig, Mode mode, Goods wanted, Random random, Figures figures) throws Exception {
        TurnstileDrain drain = new TurnstileDrain(mode, new BenchPlan(1, false).turnstileDrain(wanted), rig);
        DrainResult result = drain.drain(wanted, random);
        figures.add(DrainSuite.KEY, wanted.title(), drain.name(), DrainSuite.PER_SECOND, result.perSecond());
        drain.tellCpu(figures, wanted.title() + ", " + drain.name(), result);
    }

    private ProcessSetup setup(ServerAddresses servers) {
        ProcessSetup setup = ProcessSetup.on(servers).with("--turnstile.api.noop=true");
        for (String setting : settings) {
            setup = setup.with(setting);
        }
        return setup;
    }
}

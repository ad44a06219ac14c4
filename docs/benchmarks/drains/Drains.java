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
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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
                HikariDataSource ledger = ledger(servers.addresses());
                LineAccess line = new LineAccess(servers.addresses(), ledger);
                OrderFeed feed = new OrderFeed(
                        servers.addresses().kafka(),
                        line.line(),
                        options.fairPartitionKey() == SystemOptions.FairPartitionKey.ORDER)) {
            Rig rig = new Rig(run, system, ledger, line, feed, new Shelves(ledger, line.cache()));
            Random random = new Random(20_261_126);
            for (int i = 0; i < warmUp; i++) {
                for (Mode mode : Mode.values()) {
                    drain(rig, mode, Goods.ONE_HOT, random, new TreeMap<>());
                }
            }
            for (Goods wanted : goods) {
                measure(rig, wanted, random);
            }
            return 0;
        }
    }

    private void measure(Rig rig, Goods wanted, Random random) throws Exception {
        Map<Mode, List<Double>> rates = new EnumMap<>(Mode.class);
        Map<Mode, Map<String, List<Double>>> processors = new EnumMap<>(Mode.class);
        for (int i = 0; i < repetitions; i++) {
            for (Mode mode : Mode.values()) {
                rates.computeIfAbsent(mode, key -> new ArrayList<>())
                        .add(drain(rig, mode, wanted, random, processors.computeIfAbsent(mode, key -> new TreeMap<>())));
            }
        }
        for (Mode mode : Mode.values()) {
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: %.0f orders/s %s; µs of processor per order:",
                    wanted,
                    mode,
                    median(rates.get(mode)),
                    rates.get(mode).stream().map(Math::round).toList());
            processors.get(mode).forEach((process, used) ->
                    System.out.printf(Locale.ROOT, " %s %.1f", process, median(used)));
            System.out.println();
        }
        System.out.printf(
                Locale.ROOT,
                "%s fair against distributed: %.2f%n",
                wanted,
                median(rates.get(Mode.FAIR)) / median(rates.get(Mode.DISTRIBUTED)));
    }

    private static double drain(
            Rig rig, Mode mode, Goods wanted, Random random, Map<String, List<Double>> processors) throws Exception {
        TurnstileDrain drain = new TurnstileDrain(mode, new BenchPlan(1, false).turnstileDrain(wanted), rig);
        DrainResult result = drain.drain(wanted, random);
        Figures figures = new Figures();
        drain.tellCpu(figures, "", result);
        figures.series().forEach(series -> processors
                .computeIfAbsent(series.contender(), key -> new ArrayList<>())
                .addAll(series.samples()));
        return result.perSecond();
    }

    private ProcessSetup setup(ServerAddresses servers) {
        ProcessSetup setup = ProcessSetup.on(servers).with("--turnstile.api.noop=true");
        for (String setting : settings) {
            setup = setup.with(setting);
        }
        return setup;
    }

    private static double median(List<Double> samples) {
        List<Double> sorted = new ArrayList<>(samples);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static HikariDataSource ledger(ServerAddresses servers) {
        HikariDataSource ledger = new HikariDataSource();
        ledger.setJdbcUrl(servers.jdbcUrl());
        ledger.setUsername(servers.jdbcUser());
        ledger.setPassword(servers.jdbcPassword());
        ledger.setMaximumPoolSize(4);
        return ledger;
    }
}

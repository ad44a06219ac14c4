package dev.turnstile.local.chaos;

import dev.turnstile.local.audit.Audit;
import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.chaos.ChaosResult.KindResult;
import dev.turnstile.local.chaos.Step.Restocking;
import dev.turnstile.local.chaos.Step.Sending;
import dev.turnstile.local.chaos.Violation.Rule;
import dev.turnstile.local.fault.Fault.Kind;
import dev.turnstile.local.fault.FaultKit;
import dev.turnstile.local.fault.Network;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Runs a plan against a system of its own, on embedded servers with a wire from each process to each of them. */
public final class ChaosRun {

    /**
     * After the last fault began: the longest that one lasts, and a server that is killed with a full disk cache comes
     * back.
     */
    private static final Duration HEALED_WITHIN = Duration.ofMinutes(2);

    /** After all is healed. */
    private static final Duration DRAINED_WITHIN = Duration.ofSeconds(40);

    private static final Duration AUDIT_PATIENCE = Duration.ofSeconds(30);
    /** At most, to either side. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(5);

    private static final int FIRST_STOCK = 100;
    private static final int STOCKED_AT_ONCE = 50;
    private static final long POLL_MS = 100;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What is known while everything still runs. */
    private record Seen(
            List<Exchange> history,
            List<LedgerRow> rows,
            List<InjectedFault> struck,
            int missed,
            long drainedMs,
            List<Violation> violations) {}

    private final ChaosPlan plan;
    private final Consumer<String> progress;
    private final Path folder;

    /**
     * @param folder where the history, the faults and the ledger are written
     * @param progress receives the progress, in lines
     */
    public ChaosRun(ChaosPlan plan, Path folder, Consumer<String> progress) {
        this.plan = plan;
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * Starts everything, lets the plan happen, waits until it is quiet, and judges.
     *
     * @throws UserError if something can't be started or written
     * @throws InterruptedException if interrupted meanwhile
     */
    public ChaosResult run(ProjectFiles project, SystemOptions options) throws InterruptedException {
        List<ProcessHandle> before = ProcessHandle.current().descendants().toList();
        Seen seen;
        try (RunFolder run = RunFolder.open(project.runs())) {
            progress.accept("starting Kafka, the database and Redis");
            ServerStack servers = ServerStack.start(
                    project, run, ExternalServers.NONE, null, progress, options.apis() + options.workers());
            try (Network network = Network.before(servers)) {
                progress.accept("starting " + options.apis() + " API(s) and " + options.workers() + " worker(s)");
                TurnstileSystem system = TurnstileSystem.start(
                        project, run, servers, options, name -> ProcessSetup.on(network.addresses(name))
                                .withClockOffset(clockOffset(name)));
                seen = run(servers, system, network);
            }
        }
        List<Violation> violations = new ArrayList<>(seen.violations());
        violations.addAll(leftovers(before));
        return result(seen, violations);
    }

    /** How far the clock of a process is from the others', for the whole run. */
    private Duration clockOffset(String process) {
        int most = Math.toIntExact(CLOCKS_APART.toMillis());
        return Duration.ofMillis(new Random(plan.seed() ^ process.hashCode()).nextInt(2 * most) - most);
    }

    private Seen run(ServerStack servers, TurnstileSystem system, Network network) throws InterruptedException {
        List<Long> products = Workload.products(plan);
        List<Step> steps = Workload.of(plan);
        Clients clients = new Clients(system.addresses().apis(), TurnstileSystem.ADMIN_TOKEN);
        for (int i = 0; i < products.size(); i++) {
            clients.take(new Restocking(0, 0, products.get(i), FIRST_STOCK));
            if (i % STOCKED_AT_ONCE == 0) {
                clients.history();
            }
        }
        if (!clients.history().stream().allMatch(stocked -> stocked.status() == 200)) {
            throw new UserError("the products can't be stocked: " + clients.history());
        }
        List<Violation> violations = new ArrayList<>();
        List<InjectedFault> struck;
        int missed;
        HostileRecords hostile = new HostileRecords(servers.addresses().kafka());
        try (FaultKit kit = new FaultKit(servers, system, network)) {
            FaultStorm storm = new FaultStorm(kit, products.subList(0, Workload.HOT_PRODUCTS), clients::nowMs);
            storm.begin(FaultSchedule.of(plan));
            progress.accept("%,d requests in %d s, with faults"
                    .formatted(steps.size(), plan.duration().toSeconds()));
            for (Step step : steps) {
                long early = step.atMs() - clients.nowMs();
                if (early > 0) {
                    TimeUnit.MILLISECONDS.sleep(early);
                }
                if (step instanceof Sending sending) {
                    hostile.send(sending);
                } else {
                    clients.take(step);
                }
            }
            if (!storm.end(HEALED_WITHIN)) {
                violations.add(new Violation(Rule.ALL_COMES_BACK, "a fault did not end", "at the end"));
            }
            storm.notHealed()
                    .forEach(what -> violations.add(new Violation(Rule.ALL_COMES_BACK, what, "while healing")));
            struck = storm.struck();
            missed = storm.missed();
        } finally {
            hostile.close();
        }
        network.pass();
        Stream.of(servers.processes(), system.apis(), system.workers())
                .flatMap(List::stream)
                .filter(process -> !process.isRunning())
                .forEach(process -> violations.add(
                        new Violation(Rule.ALL_COMES_BACK, process.name() + " does not run", "at the end")));
        long healedMs = clients.nowMs();
        progress.accept(struck.size() + " faults were injected and have ended; waiting until the system is quiet");
        clients.settle();
        List<Exchange> history = clients.history();
        if (!awaitDrained(servers.addresses(), history, clients, healedMs)) {
            violations.add(new Violation(
                    Rule.ALL_COMES_BACK,
                    "there are %d tickets in the line %s after all faults had ended"
                            .formatted(LeftoverCheck.tickets(servers.addresses()), DRAINED_WITHIN),
                    "at the end"));
        }
        long drainedMs = clients.nowMs() - healedMs;
        progress.accept("judging");
        List<LedgerRow> rows = reading(() -> LedgerRows.rows(servers.addresses()));
        write("history.jsonl", history);
        write("faults.jsonl", struck);
        write("ledger.jsonl", rows);
        violations.addAll(Oracle.judge(new Evidence(
                history,
                rows,
                reading(() -> LedgerRows.shelves(servers.addresses())),
                struck,
                FairRecords.of(servers.addresses().kafka()),
                hostile.sent())));
        violations.addAll(audit(servers.addresses()));
        system.close();
        violations.addAll(LeftoverCheck.in(servers.addresses()));
        return new Seen(history, rows, struck, missed, drainedMs, violations);
    }

    /** Waits until every waiting order has an outcome and the line is empty, or time is over: then false. */
    private boolean awaitDrained(ServerAddresses servers, List<Exchange> history, Clients clients, long healedMs)
            throws InterruptedException {
        Set<UUID> accepted = history.stream()
                .filter(exchange -> exchange.status() == 202)
                .map(Exchange::orderId)
                .collect(Collectors.toSet());
        while (true) {
            Set<UUID> undecided = new HashSet<>(accepted);
            reading(() -> LedgerRows.rows(servers)).forEach(row -> undecided.remove(row.orderId()));
            if (undecided.isEmpty() && LeftoverCheck.tickets(servers) == 0) {
                return true;
            }
            if (clients.nowMs() - healedMs > DRAINED_WITHIN.toMillis()) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private static <T> T reading(Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException e) {
            throw new UserError("can't read the ledger: " + e.getMessage(), e);
        }
    }

    private static List<Violation> audit(ServerAddresses servers) throws InterruptedException {
        AuditReport report = Audit.of(servers).withPatience(AUDIT_PATIENCE).run();
        return report.refuted().stream()
                .flatMap(check -> check.rows().stream()
                        .map(finding -> new Violation(
                                Rule.AUDIT,
                                check.name() + ": " + finding.what()
                                        + (finding.orderId() == null ? "" : ", order " + finding.orderId()),
                                "found at the end")))
                .toList();
    }

    private ChaosResult result(Seen seen, List<Violation> violations) {
        Map<Integer, Integer> answers = new TreeMap<>();
        seen.history().forEach(exchange -> answers.merge(exchange.status(), 1, Integer::sum));
        Map<String, Integer> statuses = new TreeMap<>();
        seen.rows().forEach(row -> statuses.merge(row.status(), 1, Integer::sum));
        return new ChaosResult(
                plan.seed(),
                plan.duration().toMillis(),
                seen.history().size(),
                answers,
                seen.rows().size(),
                statuses,
                kinds(seen.history(), seen.struck()),
                seen.missed(),
                seen.drainedMs(),
                violations.stream().map(Violation::toString).toList());
    }

    private List<KindResult> kinds(List<Exchange> history, List<InjectedFault> struck) {
        List<Long> told = history.stream()
                .filter(exchange -> exchange.isOrder() && exchange.orderId() != null) // not rejected at admission
                .filter(exchange -> Set.of(200, 409).contains(exchange.status()))
                .map(Exchange::answeredMs)
                .sorted()
                .toList();
        Map<Kind, List<Long>> recovery = new TreeMap<>();
        for (InjectedFault fault : struck) {
            List<Long> times = recovery.computeIfAbsent(fault.kind(), kind -> new ArrayList<>());
            // a fault after the last answer has lasted until the end
            long next = told.stream()
                    .filter(at -> at > fault.atMs())
                    .findFirst()
                    .orElse(Math.max(fault.atMs(), plan.duration().toMillis()));
            times.add(next - fault.atMs());
        }
        return recovery.entrySet().stream()
                .map(kind -> {
                    List<Long> times = kind.getValue().stream().sorted().toList();
                    return new KindResult(
                            kind.getKey().toString(),
                            times.size(),
                            times.get(times.size() / 2),
                            times.get(times.size() - 1));
                })
                .toList();
    }

    private static List<Violation> leftovers(Collection<ProcessHandle> before) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> !before.contains(process) && process.isAlive())
                .map(process -> new Violation(Rule.NOTHING_LEFT_BEHIND, "process " + process.pid(), "at the end"))
                .toList();
    }

    private void write(String name, List<?> lines) {
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            Files.write(file, lines.stream().map(JSON::writeValueAsString).toList(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError("can't write " + file + ": " + e.getMessage(), e);
        }
    }
}

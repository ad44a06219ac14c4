package dev.turnstile.local;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.replay.Progress;
import dev.turnstile.local.replay.ProgressLine;
import dev.turnstile.local.replay.Replay;
import dev.turnstile.local.replay.Replay.LedgerAccess;
import dev.turnstile.local.replay.ReplayPlan;
import dev.turnstile.local.replay.ReplayRange;
import dev.turnstile.local.replay.ReplayReport;
import dev.turnstile.local.replay.ReplayResult;
import dev.turnstile.local.replay.Speed;
import dev.turnstile.local.replay.Stop;
import dev.turnstile.local.server.ExternalServers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code turnstile replay}: sends recorded orders again, as load, and reports the outcomes. Exits with 0 if every one
 * of them has its outcome, else with 1; with 130 after Ctrl-C, when it reports what was done so far.
 */
@Command(
        name = "replay",
        description = "Sends the orders of a topic again, with their gaps or faster, and compares the outcomes.",
        footer = {
            "",
            "Exits with 0 if every order has its outcome, with 1 if not, with 2 if a flag is invalid, with 130 after"
                    + " Ctrl-C."
        },
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final TargetFlags targetFlags = new TargetFlags();

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            required = true,
            description =
                    "The topic of the recorded orders: orders.fair, orders.distributed or any other topic of orders.")
    private String topic = "";

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = InstantConverter.class,
            description = "Orders recorded from this time on, like 2026-01-01T00:00Z (default: the first).")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = InstantConverter.class,
            description = "Orders recorded before this time (default: all there are now).")
    private @Nullable Instant to;

    @Option(names = "--from-offset", paramLabel = "N", description = "Records from this offset of each partition on.")
    private @Nullable Long fromOffset;

    @Option(names = "--to-offset", paramLabel = "N", description = "Records before this offset of each partition.")
    private @Nullable Long toOffset;

    @Option(names = "--partition", paramLabel = "N", description = "Records of this partition (default: of all).")
    private @Nullable Integer partition;

    @Option(
            names = "--speed",
            paramLabel = "FACTOR|max",
            defaultValue = "1",
            converter = SpeedConverter.class,
            description = "Divisor of the recorded gaps, or max for no gaps (default: ${DEFAULT-VALUE}).")
    private Speed speed = new Speed(1);

    @Option(names = "--rate", paramLabel = "N", description = "At most this many orders per second.")
    private @Nullable Double rate;

    @Option(names = "--count", paramLabel = "N", description = "At most this many orders.")
    private @Nullable Long count;

    @Option(
            names = "--to-topic",
            paramLabel = "TOPIC",
            description =
                    "Target topic of all orders, regardless of mode: orders.fair.open or orders.distributed (default:"
                            + " fair ones to the first, distributed ones to the second).")
    private @Nullable String toTopic;

    @Option(names = "--with-replayed", description = "Include orders that earlier replays sent.")
    private boolean withReplayed;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = TimeConverter.class,
            description = "How long to wait for the next outcome before the remaining ones count as missing"
                    + " (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ZERO;

    @Option(names = "--dry-run", description = "Print what would be sent; send nothing.")
    private boolean dryRun;

    @Option(names = "--json", paramLabel = "FILE", description = "File of all figures.")
    private @Nullable Path json;

    private static final class InstantConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + value + "' is not a time with a zone; write it like 2026-01-01T00:00Z");
            }
        }
    }

    private static final class SpeedConverter implements ITypeConverter<Speed> {
        @Override
        public Speed convert(String value) {
            try {
                return Speed.parse(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        ReplayPlan plan = plan();
        TargetFlags.Published target = targetFlags.published(spec.commandLine(), ProjectFiles.locate());
        ExternalServers.Jdbc jdbc = target.ledger();
        LedgerAccess ledger = jdbc == null ? null : new LedgerAccess(jdbc.url(), jdbc.user(), jdbc.password());
        Replay replay = new Replay(plan, target.kafka(), ledger);
        try (Stop stop = new Stop()) {
            if (dryRun) {
                say(ReplayReport.render(replay.preview(stop), plan));
                return 0;
            }
            ReplayResult result = run(replay, stop);
            say(ReplayReport.render(result));
            if (json != null) {
                write(result, json);
            }
            return result.nothingLost() ? 0 : 1;
        }
    }

    private ReplayPlan plan() {
        ReplayRange range;
        try {
            range = new ReplayRange(from, to, fromOffset, toOffset, partition);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--from, --to, --from-offset, --to-offset, --partition: " + e.getMessage(), e);
        }
        try {
            return new ReplayPlan(topic, range, withReplayed, speed, rate, count, toTopic, patience);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--rate, --count, --to-topic, --wait: " + e.getMessage(), e);
        }
    }

    private static ReplayResult run(Replay replay, Stop stop) throws InterruptedException {
        if (!Terminal.isThere()) {
            return replay.run(Progress.NONE, stop);
        }
        ProgressLine line = new ProgressLine(System.out);
        try {
            return replay.run(line, stop);
        } finally {
            line.close();
        }
    }

    private void say(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    private void write(ReplayResult result, Path file) {
        try {
            result.write(file);
        } catch (IOException e) {
            throw new UserError("--json: can't write " + file + ": " + e, e);
        }
    }
}

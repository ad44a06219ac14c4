package dev.turnstile.local;

import dev.turnstile.local.audit.Audit;
import dev.turnstile.local.audit.AuditReport;
import dev.turnstile.local.audit.AuditText;
import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import dev.turnstile.local.report.ResultJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code turnstile audit}: judges a system from what its database, Redis and Kafka hold, and changes nothing. Ends with
 * 0 if every claim holds, else with 1.
 */
@Command(
        name = "audit",
        description =
                "Checks a system, running or idle, against the contents of MySQL, Redis and Kafka; changes nothing.",
        mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final TargetFlags targetFlags = new TargetFlags();

    @Option(
            names = "--json",
            paramLabel = "FILE|-",
            description = "Write all findings as JSON to this file; with - to standard output, and nothing else.")
    private @Nullable String json;

    @Option(
            names = "--products",
            paramLabel = "ID[-ID][,…]",
            converter = ProductRanges.Converter.class,
            description = "Check these products only, for example 1-3,7 (default: all).")
    private @Nullable ProductRanges products;

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = TimeConverter.class,
            description =
                    "How long a moving value may look wrong before it counts as a violation (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(2);

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "20",
            description =
                    "How many rows of each kind of finding are shown; all are counted (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Override
    public Integer call() throws InterruptedException {
        if (rows < 1) {
            throw new ParameterException(spec.commandLine(), "--rows must be at least 1, was " + rows);
        }
        LongPredicate wanted = products == null ? productId -> true : products;
        AuditReport report = Audit.of(targetFlags.servers(spec.commandLine(), ProjectFiles.locate()))
                .withPatience(patience)
                .onlyProducts(wanted)
                .keepingRows(rows)
                .run();
        tell(report);
        return report.held() ? 0 : 1;
    }

    private void tell(AuditReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if ("-".equals(json)) {
            out.println(JSON.writeValueAsString(report));
        } else {
            out.print(AuditText.render(report));
            if (json != null) {
                write(report, Path.of(json));
            }
        }
        out.flush();
    }

    private static void write(AuditReport report, Path file) {
        try {
            ResultJson.write(report, file);
        } catch (IOException e) {
            throw new UserError("--json: can't write " + file + ": " + e.getMessage(), e);
        }
    }
}

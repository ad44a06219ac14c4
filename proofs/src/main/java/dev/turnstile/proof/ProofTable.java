package dev.turnstile.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Collects what the tests of a build show, over all its JVMs, into a table. Found by JUnit itself, as a service; does
 * nothing unless proofs are wanted.
 */
public final class ProofTable implements TestExecutionListener {

    /** Names the build, so that rows of an earlier one are left out. */
    private static final String SESSION = "turnstile.proofs.session";
    /** The file that all JVMs of the build add their rows to. */
    private static final String ROWS = "turnstile.proofs.rows";
    /** The file with the table. */
    private static final String TABLE = "turnstile.proofs.table";

    private final boolean wanted;
    private final String session;
    private final Path rowsFile;
    private final Path tableFile;
    private final Consumer<String> print;
    private final Map<String, Long> starts = new ConcurrentHashMap<>();
    private final Map<String, Map<String, String>> shown = new ConcurrentHashMap<>();
    private final List<Row> rows = new CopyOnWriteArrayList<>();

    /** A table as the system properties describe it. */
    public ProofTable() {
        this(
                Proofs.wanted(),
                System.getProperty(SESSION, "now"),
                Path.of(System.getProperty(ROWS, "target/proofs.tsv")),
                Path.of(System.getProperty(TABLE, "target/proofs.md")),
                System.out::println);
    }

    ProofTable(boolean wanted, String session, Path rowsFile, Path tableFile, Consumer<String> print) {
        this.wanted = wanted;
        this.session = session;
        this.rowsFile = rowsFile;
        this.tableFile = tableFile;
        this.print = print;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        starts.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        Map<String, String> pairs = entry.getKeyValuePairs();
        if (pairs.containsKey(Proofs.SHOWN)) {
            shown.put(test.getUniqueId(), pairs);
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        long begun = starts.getOrDefault(test.getUniqueId(), System.nanoTime());
        Map<String, String> pairs = shown.get(test.getUniqueId());
        if (wanted && pairs != null) {
            rows.add(new Row(
                    session,
                    name(test),
                    pairs.getOrDefault(Proofs.SHOWN, ""),
                    pairs.getOrDefault(Proofs.COUNTS, ""),
                    (System.nanoTime() - begun) / 1e9,
                    result.getStatus() == TestExecutionResult.Status.SUCCESSFUL));
        }
    }

    static String name(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(source -> source.getClassName().replaceFirst(".*\\.", "") + "." + source.getMethodName())
                .orElse(test.getDisplayName());
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (rows.isEmpty()) {
            return;
        }
        try {
            write(rowsFile, rows.stream().map(Row::line).toList(), StandardOpenOption.APPEND);
            List<String> table = table(Files.readAllLines(rowsFile).stream()
                    .map(Row::parse)
                    .flatMap(Optional::stream)
                    .filter(row -> row.session().equals(session))
                    .toList());
            write(tableFile, table, StandardOpenOption.TRUNCATE_EXISTING);
            print.accept(table.stream().collect(Collectors.joining("\n", "\n", "\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, List<String> lines, StandardOpenOption how) throws IOException {
        Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
        Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
    }

    private static List<String> table(List<Row> rows) {
        List<String> lines =
                new ArrayList<>(List.of("| proof | shown | counts | s | |", "| --- | --- | --- | ---: | --- |"));
        for (Row row : rows) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| `%s` | %s | %s | %.1f | %s |",
                    row.proof(),
                    row.shown(),
                    row.counts(),
                    row.seconds(),
                    row.held() ? "held" : "**FAILED**"));
        }
        return lines;
    }
}

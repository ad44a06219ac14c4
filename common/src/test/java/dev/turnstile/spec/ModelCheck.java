package dev.turnstile.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tlc2.TLC;

/**
 * One run of TLC, the model checker of TLA+, over a spec in {@code docs/spec}, in a process of its own: TLC keeps its
 * state in static fields.
 *
 * @param spec name of the module
 * @param definitions what a model adds to it
 * @param constants a value for each constant, or, after {@code <-}, the name of its definition
 * @param checks the lines of the configuration that say what to check
 */
record ModelCheck(String spec, List<String> definitions, Map<String, String> constants, List<String> checks) {

    /** What came of it. */
    enum Verdict {
        HELD(0),
        DEADLOCK(11),
        /** An invariant, or a property of single steps, does not hold. */
        SAFETY_VIOLATED(12),
        LIVENESS_VIOLATED(13);

        private final int exitCode;

        Verdict(int exitCode) {
            this.exitCode = exitCode;
        }
    }

    /**
     * The end of a run.
     *
     * @param states distinct ones that were found
     * @param output all that TLC said
     */
    record Result(Verdict verdict, long states, String output) {}

    private static final Pattern STATES = Pattern.compile("(\\d+) distinct states found");
    private static final String MODEL = "Model";

    /** Minutes within which a run ends that is started often. */
    static final int SHORT = 5;

    /** Minutes within which any other ends. */
    static final int LONG = 20;

    /** Returns a check with other values for some constants. */
    ModelCheck with(Map<String, String> others) {
        Map<String, String> all = new TreeMap<>(constants);
        all.putAll(others);
        return new ModelCheck(spec, definitions, all, checks);
    }

    /** Returns a check with other values for some constants: {@code NAME=value}, separated by spaces. */
    ModelCheck with(String assignments) {
        return with(Stream.of(assignments.split(" "))
                .map(assignment -> assignment.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1])));
    }

    /** The same, with other things to check. */
    ModelCheck checking(String... others) {
        return new ModelCheck(spec, definitions, constants, List.of(others));
    }

    /**
     * Runs it.
     *
     * @param folder to work in; it is filled
     * @param minutes {@link #SHORT} or {@link #LONG}: after so many it is given up
     * @throws IllegalStateException if TLC came to no verdict
     */
    Result run(Path folder, int minutes) throws InterruptedException {
        try {
            Files.copy(specs().resolve(spec + ".tla"), folder.resolve(spec + ".tla"));
            Files.writeString(folder.resolve(MODEL + ".tla"), model());
            Files.writeString(folder.resolve(MODEL + ".cfg"), configuration());
            Path output = folder.resolve("output");
            Process tlc = new ProcessBuilder(command(minutes))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                if (!tlc.waitFor(minutes, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("TLC has not ended after " + minutes + " minutes");
                }
            } finally {
                tlc.destroyForcibly().waitFor();
            }
            return result(tlc.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path specs() {
        return Path.of("..", "docs", "spec");
    }

    private String model() {
        List<String> lines = new ArrayList<>();
        lines.add("---- MODULE " + MODEL + " ----");
        lines.add("EXTENDS " + spec);
        lines.addAll(definitions);
        lines.add("====");
        return String.join("\n", lines);
    }

    private String configuration() {
        String values = constants.entrySet().stream()
                .map(constant -> constant.getValue().startsWith("<-")
                        ? constant.getKey() + " " + constant.getValue()
                        : constant.getKey() + " = " + constant.getValue())
                .collect(Collectors.joining("\n"));
        return "CONSTANTS\n" + values + "\n" + String.join("\n", checks) + "\n";
    }

    private static List<String> command(int minutes) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseParallelGC",
                // A short run ends before the second compiler has paid for itself.
                "-XX:TieredStopAtLevel=" + (minutes > SHORT ? 4 : 1),
                "-Xmx2g",
                "-cp",
                TLC.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
                TLC.class.getName(),
                "-workers",
                "auto",
                "-config",
                MODEL + ".cfg",
                MODEL);
    }

    private static Result result(int exitCode, String output) {
        Verdict verdict = Stream.of(Verdict.values())
                .filter(candidate -> candidate.exitCode == exitCode)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("TLC ended with " + exitCode + ":\n" + output));
        long states = 0;
        Matcher matcher = STATES.matcher(output.replace(",", ""));
        while (matcher.find()) {
            states = Long.parseLong(matcher.group(1));
        }
        return new Result(verdict, states, output);
    }
}

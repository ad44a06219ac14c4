package dev.turnstile.local.process;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands of further JVMs. */
public final class Jvm {

    private static final String FAST_COMPILER_ALONE = "-XX:TieredStopAtLevel=1";

    private Jvm() {}

    /**
     * The command of a JVM on this machine, without what it runs. It compiles as this JVM does: with the fast compiler
     * alone if this one was started with {@value #FAST_COMPILER_ALONE}, else with the optimising one, too. Several JVMs
     * start at once on few cores, and the optimising compiler takes its time from the application: a minute of load is
     * slower with it, and all later load faster.
     *
     * @param options of the JVM, as {@code -Xmx384m}
     * @return a list of the caller's own
     */
    public static List<String> command(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        // What they load at start fits; growing up to it would cost two full collections.
        command.add("-XX:MetaspaceSize=160m");
        if (ManagementFactory.getRuntimeMXBean().getInputArguments().contains(FAST_COMPILER_ALONE)) {
            command.add(FAST_COMPILER_ALONE);
            // Runs are short, and code that is interpreted costs the most. Measured with 500 orders a second:
            // a third less latency, after a warm-up of 10 s as before.
            command.add("-XX:CompileThresholdScaling=0.2");
        }
        command.addAll(List.of(options));
        return command;
    }
}

package dev.turnstile.local.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A diagnostic command that a running JVM is given, by the JDK's {@code jcmd}. */
public final class Jcmd {

    private final Process process;
    private final String command;

    private Jcmd(Process process, String command) {
        this.process = process;
        this.command = command;
    }

    /**
     * Gives it, and does not wait until it is done.
     *
     * @throws IOException if there is no {@code jcmd}
     */
    public static Jcmd give(ChildProcess jvm, String... command) throws IOException {
        List<String> all = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(jvm.pid())));
        all.addAll(List.of(command));
        return new Jcmd(new ProcessBuilder(all).redirectErrorStream(true).start(), command[0]);
    }

    /**
     * Waits until it is done.
     *
     * @throws IOException if it fails or takes longer
     */
    public void await(Duration limit) throws IOException, InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new IOException(command + " took longer than " + limit);
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new IOException(command + " failed: " + output.strip());
        }
    }
}

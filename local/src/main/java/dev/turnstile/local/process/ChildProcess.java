package dev.turnstile.local.process;

import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process of ours that can be started, stopped, killed, frozen and started again with the same command. It never
 * outlives its {@link RunFolder}. On Linux it gets a session of its own, so that Ctrl-C in a terminal reaches the
 * launcher only, which then stops its children in order.
 *
 * <p>Calls that change the state are serialised; {@link #stop()} may end a start that waits.
 */
public final class ChildProcess {

    private static final Path SETSID = Path.of("/usr/bin/setsid");
    static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(25);
    private static final int LINES_SHOWN = 20;

    /**
     * What to run.
     *
     * @param name unique in its run, also the name of the log
     * @param command the program and its arguments
     * @param environment added to the launcher's
     * @param folder the working folder
     * @param probe returns when the process is ready
     * @param readyWithin how long that may take; for a task, how long all of it may take
     * @param grace how long the process may take to stop when asked to
     */
    public record Spec(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path folder,
            ReadyProbe probe,
            Duration readyWithin,
            Duration grace) {

        /** Copies the collections. */
        public Spec {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /**
     * Starts processes at the same time and waits until every one is ready.
     *
     * @throws UserError if one does not get ready; others may run then
     */
    public static void startAll(List<ChildProcess> processes) {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            CompletableFuture.allOf(processes.stream()
                            .map(process -> CompletableFuture.runAsync(process::start, threads))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        } finally {
            threads.shutdown();
        }
    }

    private final RunFolder run;
    private final Spec spec;
    private volatile @Nullable Process process;
    private volatile ProcessLog log;
    private volatile boolean endWanted;
    private volatile Consumer<String> onUnexpectedEnd = line -> {};
    private int starts;

    /** A process that is not started yet. */
    public ChildProcess(RunFolder run, Spec spec) {
        this.run = run;
        this.spec = spec;
        this.log = new ProcessLog(run.logs().resolve(spec.name() + ".log"));
    }

    /** Its name, unique in its run. */
    public String name() {
        return spec.name();
    }

    /** What it wrote since its last start. */
    public ProcessLog log() {
        return log;
    }

    /** Called, with one line, when the process ends without having been stopped or killed by us. */
    public void onUnexpectedEnd(Consumer<String> listener) {
        onUnexpectedEnd = listener;
    }

    /**
     * Starts the process and waits until it is ready. After it has ended, however that was, it can be started again and
     * finds the data that it left.
     *
     * @throws UserError if it can't be started, ends at once, or isn't ready in time; it does not run then
     * @throws IllegalStateException if it is already running or its run has ended
     */
    public synchronized void start() {
        Process started = launch();
        try {
            awaitReady(started);
        } catch (RuntimeException e) {
            kill();
            run.keepLogs();
            throw e;
        }
        CompletableFuture<Void> unused = started.onExit().thenAccept(this::ended);
    }

    /**
     * Runs the process to its end, as one that does a task and is done.
     *
     * @throws UserError if it can't be started, ends with another code than 0 or isn't done in time
     * @throws IllegalStateException if it is already running or its run has ended
     */
    public synchronized void complete() {
        Process started = launch();
        boolean done = ProcessIdentity.awaitEnd(started.toHandle(), spec.readyWithin());
        if (!done) {
            kill();
        }
        if (!done || started.exitValue() != 0) {
            run.keepLogs();
            throw failure(done ? "failed with code " + started.exitValue() : "did not finish within " + readyWithin());
        }
    }

    private String readyWithin() {
        return spec.readyWithin().toSeconds() + " s";
    }

    private Process launch() {
        if (isRunning()) {
            throw new IllegalStateException(name() + " is already running");
        }
        starts++;
        Path file = run.logs().resolve(starts == 1 ? name() + ".log" : name() + "." + starts + ".log");
        log = new ProcessLog(file);
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.addAll(spec.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(spec.folder().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(file.toFile());
        builder.environment().putAll(spec.environment());
        endWanted = false;
        try {
            Process started = run.launch(this, builder);
            process = started;
            return started;
        } catch (IOException e) {
            throw new UserError("can't start " + name() + ": " + e.getMessage(), e);
        }
    }

    private void awaitReady(Process started) {
        long deadline = System.nanoTime() + spec.readyWithin().toNanos();
        while (!isReady()) {
            if (!started.isAlive()) {
                throw failure("ended with code " + started.exitValue() + " before it was ready");
            }
            if (System.nanoTime() - deadline > 0) {
                throw failure("was not ready within " + readyWithin());
            }
            try {
                if (started.waitFor(PROBE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS) && endWanted) {
                    throw new UserError(name() + " was stopped while it started");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UserError("interrupted while " + name() + " started", e);
            }
        }
    }

    private boolean isReady() {
        try {
            return spec.probe().isReady(this);
        } catch (IOException e) {
            return false;
        }
    }

    private UserError failure(String what) {
        List<String> lines = log.lastLines(LINES_SHOWN);
        String last = lines.isEmpty() ? "it printed nothing" : "its last line: " + lines.get(lines.size() - 1);
        return new UserError(name() + " " + what + "; " + last + " (log: " + log.file() + ")", lines);
    }

    private void ended(Process ended) {
        if (!endWanted) {
            run.keepLogs();
            onUnexpectedEnd.accept(
                    name() + " ended by itself with code " + ended.exitValue() + " (log: " + log.file() + ")");
        }
    }

    /** Whether the process lives, be it ready, starting or frozen. */
    public boolean isRunning() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /**
     * Its process id; a new one after each start.
     *
     * @throws IllegalStateException if it was never started
     */
    public long pid() {
        return current().pid();
    }

    /**
     * Asks the process to stop, waits for its grace, kills it if it is still there then. Does nothing if it has ended.
     */
    public void stop() {
        askToStop();
        Process current = process;
        if (current != null && !ProcessIdentity.awaitEnd(current.toHandle(), spec.grace())) {
            kill();
        }
    }

    /** Sends SIGTERM and doesn't wait. A frozen process notices when it is resumed. */
    public void askToStop() {
        endWanted = true;
        Process current = process;
        if (current != null) {
            current.destroy();
        }
    }

    /** Ends the process at once, as {@code kill -9} does, and waits until it is gone. */
    public void kill() {
        endWanted = true;
        Process current = process;
        if (current != null) {
            ProcessIdentity.killTrees(List.of(current.toHandle()), KILL_PATIENCE);
        }
    }

    /**
     * Freezes the process (SIGSTOP): it keeps its connections and answers nothing. Returns when it is stopped, where
     * the system reports it (Linux): on a busy machine its threads go on for a while after the signal was sent, until
     * the one that takes it gets the processor.
     */
    public void suspend() {
        signal("STOP");
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        while (isRunning() && !standsStill(pid())) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(name() + " still runs " + STOP_PATIENCE + " after SIGSTOP");
            }
            Thread.onSpinWait();
        }
    }

    /** Whether all threads of a process are stopped; true if the system does not report it. */
    private static boolean standsStill(long pid) {
        Path threads = Path.of("/proc", Long.toString(pid), "task");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(threads)) {
            for (Path thread : all) {
                // The state follows the name, which is in brackets and may hold anything.
                String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (IOException | DirectoryIteratorException e) {
            // A thread has ended meanwhile, so not all were stopped; or there is no such file system.
            return !Files.isDirectory(threads);
        }
    }

    /** Its resident memory now, in megabytes; empty where the system does not report it. */
    public OptionalLong residentMb() {
        String prefix = "VmRSS:";
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid()), "status"))) {
            return lines.filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length(), line.length() - " kB".length()))
                    .mapToLong(kilobytes -> Long.parseLong(kilobytes.strip()) / 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Lets a frozen process go on (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    /** Java knows no signals and not every machine has a program {@code kill}, but every shell has the builtin. */
    private void signal(String signal) {
        try {
            Process shell = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid())
                    .inheritIO()
                    .start();
            if (shell.waitFor() != 0) {
                throw new IllegalStateException("SIG" + signal + " did not reach " + name());
            }
        } catch (IOException e) {
            throw new UserError("can't send SIG" + signal + " to " + name() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Process current() {
        Process current = process;
        if (current == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return current;
    }
}

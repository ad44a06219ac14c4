package dev.turnstile.local.process;

import dev.turnstile.local.project.ProjectFiles;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One folder for all that a launcher starts: data, logs and PID files. While the launcher lives it holds a lock on a
 * file in its folder; the operating system drops that lock however the launcher ends. So the next run can detect the
 * folders of the dead from those of the living, kills what the dead left running and deletes their folders, and never
 * touches a launcher that runs beside it.
 *
 * <p>A child is recorded by PID and start time, and only a process with both is killed. Between the start of a child
 * and its record lie some microseconds in which {@code kill -9} of the launcher would lose it.
 */
public final class RunFolder implements AutoCloseable {

    private static final String LOCK = "lock";
    private static final String PIDS = "pids";
    private static final String DATA = "data";
    private static final String LOGS = "logs";

    /** The folders of this JVM: POSIX locks do not hold against the process that owns them. */
    private static final Set<Path> OWN = Collections.synchronizedSet(new HashSet<>());

    /** Who goes before whom when all want the processor. */
    public enum Priorities {
        /**
         * Whatever takes requests in goes first. On one machine the draw of a ticket would otherwise wait behind the
         * work on the tickets before.
         */
        REQUESTS_FIRST,
        /** No process, as where each has a machine of its own. */
        EQUAL
    }

    private final Path folder;
    private final FileChannel lock;
    private final Priorities priorities;
    private final Thread hook;
    private final List<ChildProcess> children = new CopyOnWriteArrayList<>();
    private final List<Runnable> endings = new ArrayList<>();
    private boolean closed;
    private volatile boolean keepLogs;

    private RunFolder(Path folder, FileChannel lock, Priorities priorities) {
        this.folder = folder;
        this.lock = lock;
        this.priorities = priorities;
        this.hook = new Thread(this::end, "stop-children");
    }

    /**
     * Clears away what launchers that are gone have left, and makes a new folder. It ends, with all its processes, with
     * {@link #close()} or with this JVM. Requests go first.
     *
     * @param runs the folder that holds those of all launchers
     * @throws UserError if the folder can't be written
     */
    public static RunFolder open(Path runs) {
        return open(runs, Priorities.REQUESTS_FIRST);
    }

    /**
     * Opens a run with other priorities.
     *
     * @throws UserError if the folder can't be written
     */
    public static RunFolder open(Path runs, Priorities priorities) {
        try {
            Files.createDirectories(runs);
            synchronized (OWN) {
                try (FileChannel all = openLockFile(runs.resolve(LOCK));
                        FileLock held = all.lock()) {
                    sweep(runs);
                    Path folder = Files.createTempDirectory(
                            runs, ProcessHandle.current().pid() + "-");
                    Files.createDirectories(folder.resolve(PIDS));
                    Files.createDirectories(folder.resolve(DATA));
                    Files.createDirectories(folder.resolve(LOGS));
                    FileChannel own = openLockFile(folder.resolve(LOCK));
                    if (own.tryLock() == null) {
                        throw new IllegalStateException("another process holds the lock of the new folder " + folder);
                    }
                    OWN.add(folder);
                    RunFolder run = new RunFolder(folder, own, priorities);
                    Runtime.getRuntime().addShutdownHook(run.hook);
                    return run;
                }
            }
        } catch (IOException e) {
            throw new UserError("can't write to " + runs + ": " + e.getMessage(), e);
        }
    }

    private static FileChannel openLockFile(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void sweep(Path runs) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(runs, Files::isDirectory)) {
            for (Path folder : folders) {
                if (!OWN.contains(folder) && isLeftBehind(folder)) {
                    killRecorded(folder.resolve(PIDS));
                    ProjectFiles.deleteFolder(folder);
                }
            }
        }
    }

    private static boolean isLeftBehind(Path folder) throws IOException {
        try (FileChannel file = openLockFile(folder.resolve(LOCK));
                FileLock taken = file.tryLock()) {
            return taken != null;
        }
    }

    private static void killRecorded(Path pids) throws IOException {
        if (!Files.isDirectory(pids)) {
            return;
        }
        try (Stream<Path> files = Files.list(pids)) {
            List<ProcessHandle> stillRunning = files.map(file -> String.valueOf(file.getFileName()))
                    .flatMap(name -> ProcessIdentity.parse(name).stream())
                    .flatMap(identity -> identity.find().stream())
                    .toList();
            ProcessIdentity.killTrees(stillRunning, ChildProcess.KILL_PATIENCE);
        }
    }

    /** An empty folder for the data of one process; deleted when the run ends. */
    public Path data(String name) {
        try {
            return Files.createDirectories(folder.resolve(DATA).resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder that no one else uses, on the same file system as all of {@code local/target}. */
    public Path temporary(String name) {
        try {
            return Files.createTempDirectory(folder.resolve(DATA), name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the processes write what they have to say. */
    public Path logs() {
        return folder.resolve(LOGS);
    }

    /** The command of a process that takes no requests in, at its priority. */
    public List<String> background(List<String> command) {
        return switch (priorities) {
            case REQUESTS_FIRST ->
                Stream.concat(Stream.of("nice", "-n", "10"), command.stream()).toList();
            case EQUAL -> command;
        };
    }

    /** Keeps the logs when the run ends, until another one starts: something went wrong. */
    public void keepLogs() {
        keepLogs = true;
    }

    /**
     * Registers an action for the end of the run, before its processes are killed; the last added action runs first.
     */
    public synchronized void atEnd(Runnable ending) {
        endings.add(ending);
    }

    /** Starts a process under this run's protection: from here on it can't outlive the run. */
    synchronized Process launch(ChildProcess child, ProcessBuilder builder) throws IOException {
        if (closed) {
            throw new IllegalStateException("the run has ended: " + child.name() + " is not started");
        }
        Process process = builder.start();
        @Nullable Path record = ProcessIdentity.of(process.toHandle())
                .map(identity -> folder.resolve(PIDS).resolve(identity.toString()))
                .orElse(null);
        if (record != null) {
            Files.writeString(record, child.name());
            CompletableFuture<Void> unused = process.onExit().thenRun(() -> forget(record));
        }
        if (!children.contains(child)) {
            children.add(child);
        }
        return process;
    }

    private static void forget(Path record) {
        try {
            Files.deleteIfExists(record);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does what was left for the end, kills every process that still runs, and deletes the data. */
    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is shutting down: the hook runs or has run, and finds the run ended.
        }
    }

    private void end() {
        List<Runnable> todo;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            todo = new ArrayList<>(endings);
        }
        Collections.reverse(todo);
        try {
            todo.forEach(Runnable::run);
        } finally {
            children.forEach(ChildProcess::kill);
            clearAway();
        }
    }

    private void clearAway() {
        try {
            ProjectFiles.deleteFolder(keepLogs ? folder.resolve(DATA) : folder);
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            OWN.remove(folder);
        }
    }
}

package dev.turnstile.local.fault;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/** What can happen to a server, an API or a worker. */
public final class ProcessFaults {

    /** How often a process is started that does not get ready. */
    private static final int STARTS = 5;

    private ProcessFaults() {}

    /**
     * Kills a process as {@code kill -9} does.
     *
     * @return starts it again, with the data that it left, unless it was started already, and waits until it is ready
     */
    public static FaultHandle kill(ChildProcess process) {
        process.kill();
        return FaultHandle.once(() -> startUnlessRunning(process));
    }

    /** Kills a process as {@code kill -9} does, starts it again and waits until it is ready. */
    public static void killAndRestart(ChildProcess process) {
        kill(process).heal();
    }

    /** Asks a process to stop, which it does in its own time, starts it again and waits until it is ready. */
    public static void restart(ChildProcess process) {
        process.stop();
        startUnlessRunning(process);
    }

    /**
     * Freezes a process (SIGSTOP): its connections stay open and nothing answers.
     *
     * @return continues it (SIGCONT), unless it was killed meanwhile
     */
    public static FaultHandle freeze(ChildProcess process) {
        long pid = process.pid();
        process.suspend();
        return FaultHandle.once(() -> {
            if (process.isRunning() && process.pid() == pid) {
                process.resume();
            }
        });
    }

    /**
     * Copies what a server has written so far to a folder beside its own; the server is stopped meanwhile.
     *
     * @param files its folder
     * @return kills the server, lets it find these files and nothing newer, starts it again and waits until it is
     *     ready: as when a replica that was behind takes over, or the last writes had not reached the disk; throws an
     *     {@link UncheckedIOException} if the files can't be copied
     * @throws UncheckedIOException if they can't be copied now
     */
    public static FaultHandle rememberFiles(ChildProcess process, Path files) {
        Path copy = files.resolveSibling(files.getFileName() + "-older");
        try (FaultHandle frozen = freeze(process)) {
            FileSystemUtils.deleteRecursively(copy);
            FileSystemUtils.copyRecursively(files, copy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return FaultHandle.once(() -> {
            process.kill();
            try {
                FileSystemUtils.deleteRecursively(files);
                FileSystemUtils.copyRecursively(copy, files);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            process.start();
        });
    }

    /**
     * As a service manager does: a process that gives up because a server does not answer just now is started again.
     */
    private static void startUnlessRunning(ChildProcess process) {
        for (int attempt = 1; !process.isRunning(); attempt++) {
            try {
                process.start();
            } catch (UserError e) {
                if (attempt == STARTS) {
                    throw e;
                }
            }
        }
    }
}

package dev.turnstile.local.fault;

import dev.turnstile.local.process.ChildProcess;

/** What can happen to a server, an API or a worker. */
public final class ProcessFaults {

    private ProcessFaults() {}

    /**
     * Kills a process as {@code kill -9} does.
     *
     * @return starts it again, with the data that it left, unless somebody else did, and waits until it is ready
     */
    public static Healing kill(ChildProcess process) {
        process.kill();
        return Healing.once(() -> startUnlessRunning(process));
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
     * @return lets it go on (SIGCONT), unless it was killed meanwhile
     */
    public static Healing freeze(ChildProcess process) {
        long pid = process.pid();
        process.suspend();
        return Healing.once(() -> {
            if (process.isRunning() && process.pid() == pid) {
                process.resume();
            }
        });
    }

    private static void startUnlessRunning(ChildProcess process) {
        if (!process.isRunning()) {
            process.start();
        }
    }
}

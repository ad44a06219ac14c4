package dev.turnstile.local.process;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process, distinguished from a later one with the same PID by the instant at which it started.
 *
 * @param pid the process id
 * @param startedMs when it started, milliseconds since the epoch
 */
public record ProcessIdentity(long pid, long startedMs) {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

    /** The identity of a process, or nothing if it is gone or hides when it started. */
    public static Optional<ProcessIdentity> of(ProcessHandle handle) {
        return handle.info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .map(startedMs -> new ProcessIdentity(handle.pid(), startedMs));
    }

    /** Reads what {@link #toString()} wrote, or nothing if the text is something else. */
    public static Optional<ProcessIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new ProcessIdentity(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    /** The process, if it still runs; a process that took over the PID is another one. */
    public Optional<ProcessHandle> find() {
        return ProcessHandle.of(pid).filter(handle -> of(handle).equals(Optional.of(this)));
    }

    /**
     * Kills processes and their descendants, all at once, and then waits until they are gone: one after the other would
     * take long where the system is slow to reap orphans.
     */
    static void killTrees(Collection<ProcessHandle> roots, Duration patience) {
        List<ProcessHandle> all = roots.stream()
                .flatMap(root -> Stream.concat(Stream.of(root), root.descendants()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        long deadline = System.nanoTime() + patience.toNanos();
        all.forEach(process -> awaitEnd(process, Duration.ofNanos(Math.max(0, deadline - System.nanoTime()))));
    }

    static boolean awaitEnd(ProcessHandle process, Duration patience) {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for the end of process " + process.pid() + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public String toString() {
        return pid + "-" + startedMs;
    }
}

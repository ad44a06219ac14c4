package dev.turnstile.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a launcher leaves behind, by the way in which it ends. */
class LeftoversIT {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path runs;

    private final List<Process> launchers = new ArrayList<>();

    @AfterEach
    void endLaunchers() {
        launchers.forEach(Process::destroyForcibly);
        launchers.forEach(launcher -> await().until(() -> !launcher.isAlive()));
        RunFolder.open(runs).close();
    }

    private record Launched(Process launcher, List<Long> children) {

        boolean anyChildAlive() {
            return children.stream().anyMatch(LeftoversIT::isAlive);
        }
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    private Launched launch() throws IOException {
        Process launcher = new ProcessBuilder(Jvm.command(
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Launcher.class.getName(),
                        runs.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        launchers.add(launcher);
        BufferedReader out = launcher.inputReader(StandardCharsets.US_ASCII);
        return new Launched(launcher, List.of(Long.valueOf(out.readLine()), Long.valueOf(out.readLine())));
    }

    private List<Path> runFolders() throws IOException {
        try (Stream<Path> files = Files.list(runs)) {
            return files.filter(Files::isDirectory).toList();
        }
    }

    @Test
    void killedLauncherLeavesNothingAfterTheNextStart() throws IOException, InterruptedException {
        Launched killed = launch();
        killed.launcher().destroyForcibly().waitFor();
        assertThat(killed.children()).allMatch(LeftoversIT::isAlive);

        try (RunFolder next = RunFolder.open(runs)) {
            assertThat(killed.anyChildAlive()).isFalse();
            assertThat(runFolders()).hasSize(1);
            assertThat(next.logs()).isDirectory();
        }
        assertThat(runFolders()).isEmpty();
    }

    @Test
    void terminatedLauncherLeavesNothing() throws IOException, InterruptedException {
        Launched terminated = launch();

        terminated.launcher().destroy();

        assertThat(terminated.launcher().waitFor()).isEqualTo(128 + 15);
        assertThat(terminated.anyChildAlive()).isFalse();
        assertThat(runFolders()).isEmpty();
    }

    @Test
    void launcherThatRunsIsLeftAloneByOthers() throws IOException, InterruptedException {
        Launched first = launch();
        Launched second = launch();

        try (RunFolder third = RunFolder.open(runs);
                RunFolder fourth = RunFolder.open(runs)) {
            assertThat(third.logs()).isDirectory();
            assertThat(fourth.logs()).isDirectory();
            assertThat(first.children()).allMatch(LeftoversIT::isAlive);
            assertThat(second.children()).allMatch(LeftoversIT::isAlive);
            assertThat(runFolders()).hasSize(4);
        }
        first.launcher().destroy();
        first.launcher().waitFor();
        assertThat(second.children()).allMatch(LeftoversIT::isAlive);
    }

    @Test
    void processThatTookOverThePidOfADeadChildIsLeftAlone() throws IOException, InterruptedException {
        Launched killed = launch();
        killed.launcher().destroyForcibly().waitFor();
        Path pids = runFolders().get(0).resolve("pids");
        long startedMs =
                ProcessIdentity.of(ProcessHandle.current()).orElseThrow().startedMs();
        // As if this JVM had been given the PID of a child that is gone.
        Files.createFile(
                pids.resolve(new ProcessIdentity(ProcessHandle.current().pid(), startedMs - 10_000).toString()));

        RunFolder.open(runs).close();

        assertThat(killed.anyChildAlive()).isFalse();
    }
}

package dev.turnstile.local.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.turnstile.local.project.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children are shell scripts here. */
class ChildProcessIT {

    private static final String READY_THEN_IDLE = "echo ready; while :; do sleep 0.05; done";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path runs;

    @SuppressWarnings("NullAway.Init")
    private RunFolder run;

    @BeforeEach
    void openRun() {
        run = RunFolder.open(runs);
    }

    @AfterEach
    void closeRun() {
        run.close();
    }

    private ChildProcess child(String name, String script, Duration readyWithin) {
        return new ChildProcess(
                run,
                new ChildProcess.Spec(
                        name,
                        List.of("sh", "-c", script),
                        Map.of("GREETING", "ready"),
                        run.data(name),
                        ReadyProbe.logSays("ready"),
                        readyWithin,
                        Duration.ofSeconds(5)));
    }

    private ChildProcess child(String script) {
        return child("child", script, Duration.ofSeconds(20));
    }

    @Test
    void isReadyWhenTheProbeSaysSoAndSeesItsEnvironment() {
        ChildProcess child = child("echo $GREETING; exec sleep 60");

        child.start();

        assertThat(child.isRunning()).isTrue();
        assertThat(ProcessHandle.of(child.pid())).isPresent();
    }

    @Test
    void earlyEndIsOneLineWithTheLastLineOfTheLogAndKeepsTheLog() {
        ChildProcess child = child("echo first; echo 'no room left'; exit 3");

        assertThatThrownBy(child::start)
                .isInstanceOfSatisfying(
                        UserError.class, error -> assertThat(error.details()).containsExactly("first", "no room left"))
                .hasMessageContaining("child ended with code 3 before it was ready")
                .hasMessageContaining("no room left")
                .hasMessageNotContaining("\n");

        run.close();
        assertThat(child.log().file()).content().contains("no room left");
    }

    @Test
    void isKilledWhenItIsNotReadyInTime() {
        ChildProcess child = child("slow", "echo working; exec sleep 60", Duration.ofMillis(200));

        assertThatThrownBy(child::start)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("slow was not ready within");
        assertThat(child.isRunning()).isFalse();
    }

    @Test
    void programThatDoesNotExistIsOneLine() {
        ChildProcess child = new ChildProcess(
                run,
                new ChildProcess.Spec(
                        "absent",
                        List.of("/no/such/program"),
                        Map.of(),
                        run.data("absent"),
                        process -> false,
                        Duration.ofSeconds(20),
                        Duration.ZERO));

        assertThatThrownBy(child::start).isInstanceOf(UserError.class).hasMessageContaining("/no/such/program");
    }

    @Test
    void stopsInPeaceOrIsKilledWhenItIgnoresThat() {
        ChildProcess polite =
                child("polite", "trap 'echo bye; exit 0' TERM; " + READY_THEN_IDLE, Duration.ofSeconds(20));
        ChildProcess deaf = new ChildProcess(
                run,
                new ChildProcess.Spec(
                        "deaf",
                        List.of("sh", "-c", "trap '' TERM; " + READY_THEN_IDLE),
                        Map.of(),
                        run.data("deaf"),
                        ReadyProbe.logSays("ready"),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(200)));
        polite.start();
        deaf.start();

        polite.stop();
        deaf.stop();

        assertThat(polite.log().contains("bye")).isTrue();
        assertThat(polite.isRunning()).isFalse();
        assertThat(deaf.isRunning()).isFalse();
    }

    @Test
    void startsAgainAfterAKillWithItsDataAndALogOfItsOwn() throws IOException {
        ChildProcess child = child("echo x >> count; echo ready; exec sleep 60");
        child.start();
        long first = child.pid();

        child.kill();
        child.start();

        assertThat(child.pid()).isNotEqualTo(first);
        assertThat(Files.readAllLines(run.data("child").resolve("count"))).hasSize(2);
        assertThat(child.log().lastLines(10)).containsExactly("ready");
    }

    @Test
    void freezesAndGoesOn() throws Exception {
        ChildProcess child = child("echo ready; i=0; while :; do i=$((i+1)); echo $i > count; sleep 0.02; done");
        child.start();
        Path count = run.data("child").resolve("count");
        await().until(() -> Files.exists(count));

        child.suspend();
        assertThat(state(child.pid())).as("at once").isEqualTo("T");
        assertThat(child.isRunning()).isTrue();

        child.resume();
        await().until(() -> !state(child.pid()).equals("T"));
    }

    private static String state(long pid) throws IOException {
        Process ps = new ProcessBuilder("sh", "-c", "sed 's/.*) //' /proc/" + pid + "/stat | cut -c1").start();
        return new String(ps.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII).strip();
    }

    @Test
    void tellsOfAnEndThatNobodyWantedAndOfNoOther() throws InterruptedException {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        ChildProcess child = child("echo ready; while [ ! -f end ]; do sleep 0.02; done; exit 7");
        child.onUnexpectedEnd(told::add);
        child.start();
        child.kill();
        child.start();

        assertThat(run.data("child").resolve("end")).satisfies(Files::createFile);

        assertThat(told.poll(20, TimeUnit.SECONDS)).contains("child ended by itself with code 7");
        assertThat(told).isEmpty();
    }

    @Test
    void taskRunsToItsEnd() {
        ChildProcess done = child("done", "echo x > result", Duration.ofSeconds(20));
        ChildProcess failing = child("failing", "echo 'disk is full'; exit 1", Duration.ofSeconds(20));
        ChildProcess endless = child("endless", "exec sleep 60", Duration.ofMillis(200));

        done.complete();

        assertThat(run.data("done").resolve("result")).exists();
        assertThatThrownBy(failing::complete).isInstanceOf(UserError.class).hasMessageContaining("disk is full");
        assertThatThrownBy(endless::complete)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did not finish within");
    }

    @Test
    void endOfTheRunEndsItAndItsDescendants() {
        ChildProcess child = child("sleep 61 & echo $!; echo ready; wait");
        child.start();
        long grandchild = Long.parseLong(child.log().lastLines(2).get(0));

        run.close();

        assertThat(child.isRunning()).isFalse();
        await().until(() ->
                ProcessHandle.of(grandchild).filter(ProcessHandle::isAlive).isEmpty());
        assertThatThrownBy(child::start).isInstanceOf(IllegalStateException.class);
        assertThat(runs).isDirectoryNotContaining("glob:**/*-*");
    }
}

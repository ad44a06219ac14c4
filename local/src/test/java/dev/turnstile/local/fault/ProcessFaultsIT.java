package dev.turnstile.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.turnstile.local.process.ChildProcess;
import dev.turnstile.local.process.ReadyProbe;
import dev.turnstile.local.server.RedisServer;
import dev.turnstile.local.server.SharedStack;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On one of Redlock's masters, which is back in milliseconds. */
class ProcessFaultsIT {

    private RedisServer redis;
    private ChildProcess process;

    @BeforeEach
    void choose() {
        assumeTrue(SharedStack.get().embedded().isPresent(), "needs servers that it can kill");
        redis = SharedStack.get().embedded().orElseThrow().redlockNodes().get(2);
        process = redis.process();
    }

    @AfterEach
    void bringBack() {
        if (process != null && !process.isRunning()) {
            process.start();
        }
    }

    private boolean answers() {
        try {
            return ReadyProbe.redisPing(redis.port()).isReady(process);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aKilledProcessIsBackOnceItIsHealed() {
        FaultHandle healing = ProcessFaults.kill(process);
        assertThat(process.isRunning()).isFalse();
        assertThat(answers()).isFalse();

        healing.heal();

        assertThat(answers()).isTrue();
        long pid = process.pid();
        healing.heal();
        assertThat(process.pid()).as("healed once").isEqualTo(pid);
    }

    @Test
    void aRestartedProcessIsAnotherOne() {
        long pid = process.pid();
        ProcessFaults.restart(process);
        assertThat(process.pid()).isNotEqualTo(pid);
        assertThat(answers()).isTrue();

        pid = process.pid();
        ProcessFaults.killAndRestart(process);
        assertThat(process.pid()).isNotEqualTo(pid);
        assertThat(answers()).isTrue();
    }

    @Test
    void aFrozenProcessAnswersNothingUntilItIsHealed() {
        try (FaultHandle healing = ProcessFaults.freeze(process)) {
            assertThat(process.isRunning()).isTrue();
            assertThat(answers()).as("within " + ReadyProbe.PATIENCE_MS + " ms").isFalse();
        }
        await().atMost(Duration.ofSeconds(10)).until(this::answers);
    }

    @Test
    void whatWasKilledWhileItWasFrozenIsLeftAlone() {
        FaultHandle frozen = ProcessFaults.freeze(process);
        ProcessFaults.killAndRestart(process);
        frozen.heal();
        assertThat(answers()).isTrue();
    }
}

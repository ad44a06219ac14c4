package dev.turnstile.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PeriodicTaskTest {

    private static final Duration SOON = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    private PeriodicTask task = task(NEVER, pause -> {});

    @AfterEach
    void stop() {
        task.stop();
    }

    @Test
    void goesOnAfterAFailureAndTellsOfManyInARowOnce(CapturedOutput output) {
        AtomicInteger runs = new AtomicInteger();
        AtomicBoolean away = new AtomicBoolean(true);
        start(SOON, pause -> {
            runs.incrementAndGet();
            if (away.get()) {
                throw new IllegalStateException("Redis is down");
            }
        });
        await().until(() -> runs.get() > 10);
        away.set(false);
        await().until(() -> output.getOut().contains("tested: works again"));
        assertThat(output.getOut().split("Redis is down", -1)).hasSize(2);
    }

    @Test
    void anErrorEndsNoThread() {
        AtomicInteger runs = new AtomicInteger();
        start(SOON, pause -> {
            if (runs.incrementAndGet() == 1) {
                throw new StackOverflowError();
            }
        });
        await().until(() -> runs.get() > 1);
    }

    @Test
    void doesItAtTheStartAndEndsAPauseWithTheWorker() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean goesOn = new AtomicBoolean(true);
        start(NEVER, pause -> {
            begun.countDown();
            goesOn.set(pause.await(NEVER));
        });
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(task.isRunning()).isTrue();
        task.stop();
        assertThat(goesOn).isFalse();
        assertThat(task.isRunning()).isFalse();
    }

    @Test
    void doesNotDoItAgainBeforeTheInterval() throws InterruptedException {
        CountDownLatch twice = new CountDownLatch(2);
        start(NEVER, pause -> twice.countDown());
        assertThat(twice.await(50, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(twice.getCount()).isEqualTo(1);
    }

    private void start(Duration interval, PeriodicTask.Work work) {
        task = task(interval, work);
        task.start();
    }

    private static PeriodicTask task(Duration interval, PeriodicTask.Work work) {
        return new PeriodicTask("tested", interval, work, RandomGenerator.getDefault());
    }
}

package dev.turnstile.api.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OptionalRedisCallsTest {

    private final OptionalRedisCalls line = new OptionalRedisCalls();
    private final AtomicInteger asked = new AtomicInteger();

    private Optional<String> ask(Supplier<CompletionStage<String>> question) throws Exception {
        return line.ask(() -> {
                    asked.incrementAndGet();
                    return question.get();
                })
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private static CompletionStage<String> down() {
        return CompletableFuture.failedStage(new IllegalStateException("down"));
    }

    @Test
    void tellsTheAnswer() throws Exception {
        assertThat(ask(() -> CompletableFuture.completedStage("yes"))).hasValue("yes");
    }

    @Test
    void aFailureIsNoAnswerHoweverItComes() throws Exception {
        assertThat(ask(OptionalRedisCallsTest::down)).isEmpty();
        assertThat(ask(() -> {
                    throw new IllegalStateException("shut down");
                }))
                .isEmpty();
    }

    @Test
    void doesNotWaitForOneThatHangs() throws Exception {
        long begun = System.nanoTime();
        assertThat(ask(CompletableFuture::new)).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(OptionalRedisCalls.PATIENCE);
    }

    @Test
    void stopsAskingOneThatIsDownAndFindsOutWhenItIsBack() throws Exception {
        for (int i = 0; i < 50; i++) {
            assertThat(ask(OptionalRedisCallsTest::down)).isEmpty();
        }
        assertThat(asked.get()).isLessThan(20);
        await().untilAsserted(() ->
                assertThat(ask(() -> CompletableFuture.completedStage("back"))).hasValue("back"));
    }
}
